import { Refused } from "./refused.js";

/** Three ids need a few hundred bytes. */
const LONGEST_BODY_BYTES = 4096;

/** Reads the ids of a batch, `template` being the name of the first, and nothing else. What is sent on is made of them. */
export async function readBatch(request, template) {
  const sent = parsed(await textOf(request));
  const unknown = Object.keys(sent).find((member) => ![template, "batchId", "fileId"].includes(member));
  if (unknown !== undefined) throw new Refused(400, `Only ${template}, batchId and fileId may be sent.`);
  const batch = { [template]: idIn(sent, template), batchId: idIn(sent, "batchId") };
  return Object.hasOwn(sent, "fileId") ? { ...batch, fileId: idIn(sent, "fileId") } : batch;
}

/** Stops reading as soon as it is too long, whatever length was announced. */
async function textOf({ body }) {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LONGEST_BODY_BYTES) throw new Refused(413, `More than ${LONGEST_BODY_BYTES} bytes were sent.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(400, "The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refused(400, "The body is not a JSON object.");
  }
  return value;
}

function idIn(sent, member) {
  const id = sent[member];
  if (typeof id !== "string" || id === "") throw new Refused(400, `${member} must be a string that is not empty.`);
  return id;
}
