// What is asked for: the ids of a batch, and nothing else. What is sent on is made of them.
import { Refused } from "./refused.js";

const LONGEST_BODY_BYTES = 4_096;
const LONGEST_ID_BYTES = 256;

// A visitor that is slower is none that waits for results.
const BODY_ARRIVES_WITHIN_MS = 10_000;

export async function readBatch(request, template) {
  const sent = parsed(await textOf(request));
  const unknown = Object.keys(sent).some((member) => ![template, "batchId", "fileId"].includes(member));
  if (unknown) throw new Refused(400, `Only ${template}, batchId and fileId may be sent.`);
  const batch = { [template]: idIn(sent, template), batchId: idIn(sent, "batchId") };
  return Object.hasOwn(sent, "fileId") ? { ...batch, fileId: idIn(sent, "fileId") } : batch;
}

// Stops reading as soon as it is too long, whatever length was announced, or too late.
async function textOf({ body, headers }) {
  if (Number(headers.get("content-length")) > LONGEST_BODY_BYTES) throw await tooLong(body);
  if (!body) return "";
  const reader = body.getReader();
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, BODY_ARRIVES_WITHIN_MS, "late");
  });
  const next = async () => {
    const read = await Promise.race([reader.read(), late]);
    if (read !== "late") return read;
    reader.cancel().catch(() => {});
    throw new Refused(408, "The body took too long to arrive.", { connection: "close" });
  };
  try {
    return await textUpTo(LONGEST_BODY_BYTES, next, () => tooLong(reader));
  } finally {
    clearTimeout(timer);
  }
}

// The text that `next` gives the pieces of, as a reader does; `tooLong` gives what is thrown where it has more bytes.
export async function textUpTo(most, next, tooLong) {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for (;;) {
    const { done, value } = await next();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > most) throw await tooLong();
    text += decoder.decode(value, { stream: true });
  }
}

async function tooLong(source) {
  source?.cancel().catch(() => {});
  return new Refused(413, `More than ${LONGEST_BODY_BYTES} bytes were sent.`, { connection: "close" });
}

function parsed(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(400, "The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Refused(400, "The body is not a JSON object.");
  return value;
}

function idIn(sent, member) {
  const id = Object.hasOwn(sent, member) ? sent[member] : undefined;
  if (typeof id !== "string" || id === "") throw new Refused(400, `${member} must be a string that is not empty.`);
  if (new TextEncoder().encode(id).length > LONGEST_ID_BYTES) throw new Refused(400, `${member} must be no longer than ${LONGEST_ID_BYTES} bytes.`);
  return id;
}
