// The state of a batch as a text: another one where a file came or changed its status. Not of the whole reply, as links may be
// signed anew each time; and of nothing else, so that all isolates agree.
import { Hash } from "./hash.js";

export function stateOf(reply) {
  const files = Array.isArray(reply.files) ? reply.files : Object.entries(Object(reply.files)).map(([id, file]) => ({ fileId: id, ...Object(file) }));
  const hash = new Hash();
  hash.add(`${reply.status} ${files.length}`);
  for (const file of files) hash.add(`${file?.fileId}:${file?.status}`);
  return hash.text();
}
