// An upload on its way through: the key is added, and the files go on as they come. Nothing of them is kept or read.
import { apiAddress } from "./account.js";
import { textUpTo } from "./body.js";
import { isWorker } from "./platform.js";
import { OWN_HEADERS, Refused } from "./refused.js";
import { visible } from "./upstream.js";

const PATHS = ["/documentClassification/uploadFiles", "/uploadFiles"];

// The boundary is the page's, and names nothing else.
const MULTIPART = /^multipart\/form-data;\s*boundary=("?)[\w'()+,./:=? -]{1,70}\1$/i;

// What the API answers an upload with is a list of ids.
const LONGEST_REPLY_BYTES = 4_194_304;

// The path of an upload, where the address is of one.
export function uploadPathOf({ url }) {
  const [path] = url.split(/[?#]/, 1);
  return PATHS.find((known) => path.endsWith(known));
}

// Sends the upload on, once, and gives the answer.
export async function passUpload(request, path, { client, maxUploadBytes, uploadTimeoutMs }, visitorLeft) {
  const type = request.headers.get("content-type") ?? "";
  if (!MULTIPART.test(type)) throw new Refused(415, "Only content-type multipart/form-data is taken.");
  const length = request.headers.get("content-length");
  if (Number(length) > maxUploadBytes) throw tooLarge(maxUploadBytes);
  if (!request.body) throw new Refused(400, "No files were sent.");

  const controller = new AbortController();
  const end = () => controller.abort();
  const timer = setTimeout(end, uploadTimeoutMs);
  visitorLeft?.addEventListener("abort", end);
  const counted = counting(maxUploadBytes);
  try {
    const key = typeof client.token === "function" ? await client.token({ forceRefresh: false }) : client.token;
    if (visitorLeft?.aborted) end();
    const { fetch: send = fetch } = client;
    const response = await send(`${apiAddress(client)}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": type },
      body: request.body.pipeThrough(counted.stream, { signal: controller.signal }),
      duplex: "half",
      // Where it can be refused, Node keeps no copy of the body to send it on with.
      redirect: isWorker() ? "manual" : "error",
      signal: controller.signal,
    });
    const text = await shortText(response);
    const { failure, status, body, type: own, retryAfter } = visible(headOf(response, text), key);
    if (failure) throw new Refused(...failure);
    const headers = { ...OWN_HEADERS, "content-type": own, ...(retryAfter && { "retry-after": retryAfter }) };
    return new Response(body, { status, headers });
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (counted.isTooLong()) throw tooLarge(maxUploadBytes);
    // Nothing of the error: it may quote what was sent.
    if (controller.signal.aborted) throw new Refused(504, "The API did not take the upload in time. The files may have arrived.");
    throw new Refused(502, "The upload did not get through. The files may have arrived.");
  } finally {
    clearTimeout(timer);
    visitorLeft?.removeEventListener("abort", end);
  }
}

// Lets through so many bytes, whatever length was announced.
function counting(most) {
  let bytes = 0;
  const stream = new TransformStream({
    transform(piece, controller) {
      bytes += piece.byteLength;
      if (bytes > most) controller.error(new RangeError("too long"));
      else controller.enqueue(piece);
    },
  });
  return { stream, isTooLong: () => bytes > most };
}

function tooLarge(most) {
  return new Refused(413, `More than ${most} bytes were sent.`, { connection: "close" });
}

async function shortText(response) {
  if (!response.body) return "";
  const reader = response.body.getReader();
  return textUpTo(LONGEST_REPLY_BYTES, () => reader.read(), () => {
    reader.cancel().catch(() => {});
    return new Refused(502, "The API's answer is too long. The files may have arrived.");
  });
}

function headOf({ status, headers }, text) {
  return { status, type: headers.get("content-type") ?? "", retryAfter: headers.get("retry-after"), text };
}
