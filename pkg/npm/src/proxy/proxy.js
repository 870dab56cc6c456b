// The proxy of an account: who is let in, and what each is answered.
import { accountOf } from "./account.js";
import { admit, admitOrigin, endpointOf, preferenceOf } from "./admission.js";
import { readBatch } from "./body.js";
import { Hold } from "./hold.js";
import { settingsOf } from "./options.js";
import { answerOf } from "./answer.js";
import { Refused } from "./refused.js";
import { isWorker } from "./platform.js";
import { passUpload, uploadPathOf } from "./upload.js";
import { addressOf } from "./visitor.js";

export function createProxy(options) {
  const settings = settingsOf(options);
  // In a Worker each promise and each timer ends with its own request.
  return proxyOf(settings, { account: () => accountOf(settings), hasOwnTimers: isWorker() });
}

// With `hasOwnTimers`, no request settles or awaits a promise of another's.
export function proxyOf(settings, { account, hasOwnTimers }) {
  return async (request, context = {}) => {
    try {
      const uploadPath = settings.uploads ? uploadPathOf(request) : undefined;
      if (uploadPath !== undefined) return await uploaded(request, uploadPath, context, settings);
      const { endpoint, batch, visitor } = await admitted(request, context, settings);
      const hold = new Hold(account(), { settings, endpoint, batch, visitor, preference: preferenceOf(request), hasOwnTimers });
      return await held(hold, request, context);
    } catch (error) {
      if (error instanceof Refused) return error.toResponse();
      throw error;
    }
  };
}

async function admitted(request, context, { authorize }) {
  const endpoint = endpointOf(request);
  admit(request, authorize === undefined);
  const batch = await readBatch(request, endpoint.template);
  const verdict = authorize === undefined ? true : await authorize(request, batch);
  if (verdict === false) throw new Refused(403, "You may not ask for this batch.");
  if (verdict instanceof Response) throw new Refused(verdict);
  if (verdict === true) return { endpoint, batch, visitor: addressOf(request, context) };
  if (typeof verdict === "string") return { endpoint, batch, visitor: verdict };
  throw new TypeError("authorize must return true, false, a string that names the visitor, or a Response.");
}

// Uploads go through no lane: the rule is of the results alone.
async function uploaded(request, path, { signal = request.signal }, settings) {
  if (request.method !== "POST") throw new Refused(405, "Only POST is answered here.", { allow: "POST" });
  const { uploads } = settings;
  admitOrigin(request, uploads === true);
  // The body says where files go, and is not read here.
  const verdict = uploads === true ? true : await uploads(request);
  if (verdict === false) throw new Refused(403, "You may not upload.");
  if (verdict instanceof Response) return verdict;
  if (verdict !== true) throw new TypeError("uploads must return true, false or a Response.");
  return passUpload(request, path, settings, signal);
}

async function held(hold, request, context) {
  const { signal = request.signal } = context;
  const leave = () => hold.leave();
  signal?.addEventListener("abort", leave);
  try {
    const outcome = hold.outcome(signal?.aborted);
    // A request that was sent is read to its end, and what is kept of it goes, though the visitor left.
    context.waitUntil?.(hold.ended());
    return answerOf(await outcome, hold);
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}
