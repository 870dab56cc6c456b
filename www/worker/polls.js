import { admit, admitReading } from "./admission.js";
import { readBatch } from "./batch.js";
import { templateOf } from "./endpoints.js";
import { OWN_HEADERS, Refused } from "./refused.js";
import { settingsFrom } from "./settings.js";

/** Where Extracta's webhook reports finished extractions, polling is the safety net. */
const INTERVAL_BESIDE_WEBHOOK_MS = 60_000;

/** The ids of polls, of which there is none at any other address. */
const ID = /^[!-~]{1,200}$/;

/** When all places are taken, some are free again after a while. */
const FULL = { "retry-after": "60" };

/** The one object that polls for the account. */
export function pollsOf(env) {
  return env.POLLS.getByName("account");
}

/**
 * What pages ask of durable polls: `POST` to an endpoint's name starts one, `GET` of its id answers with its status, and its `/events`
 * report each change; `/results` are the documents, once they are there. `DELETE` of its id cancels it.
 */
export async function answerPolls(path, request, env) {
  if (request.method === "POST") return start(path, request, env);
  const [id, what] = path.split("/", 2).map(decoded);
  if (request.method === "DELETE" && what === undefined) {
    admitReading(request);
    return json(await pollsOf(env).cancel(checked(id)));
  }
  if (request.method !== "GET") throw new Refused(405, "Only GET, POST and DELETE are answered here.", { allow: "GET, POST, DELETE" });
  admitReading(request);
  switch (what) {
    case undefined:
      return json(await pollsOf(env).status(checked(id)));
    case "events":
      return pollsOf(env).fetch(`https://polls/?${new URLSearchParams({ id: checked(id) })}`);
    case "results":
      return results(checked(id), env);
    default:
      throw new Refused(404, "There is nothing at this address.");
  }
}

async function start(endpoint, request, env) {
  const template = templateOf(endpoint);
  admit(request);
  const batch = await readBatch(request, template);
  // Complains of a missing key now, and not when nobody listens.
  settingsFrom(env);
  const hasWebhook = "extractionId" in batch && Boolean(env.EXTRACTA_WEBHOOK_SECRET);
  const intervalMs = hasWebhook ? INTERVAL_BESIDE_WEBHOOK_MS : undefined;
  // One for each batch, however often it is started: whoever visits cannot take all places.
  const { id } = await pollsOf(env).startOnce(batch, { deliver: { bucket: "RESULTS" }, intervalMs });
  if (id === undefined) throw new Refused(503, "Too many batches are being polled. Try again later.", FULL);
  return json({ id });
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refused(400, "The address is malformed.");
  }
}

function checked(id) {
  if (ID.test(id)) return id;
  throw new Refused(404, "There is no such poll.");
}

function json(value) {
  if (value === undefined) throw new Refused(404, "There is no such poll.");
  return Response.json(value, { headers: OWN_HEADERS });
}

/** Of a poll alone: the bucket may hold what is nobody's here. */
async function results(id, env) {
  const status = await pollsOf(env).status(id);
  const stored = status?.state === "delivered" ? await env.RESULTS.get(id) : null;
  if (stored === null) throw new Refused(404, "There are no results of such a poll.");
  return new Response(stored.body, { headers: { ...OWN_HEADERS, "content-type": "application/json" } });
}
