import { ExtractaLane, ExtractaPolls, accountLane } from "extracta-wasm/cloudflare";
import { admit, admitReading } from "./admission.js";
import { readBatch } from "./batch.js";
import { templateOf } from "./endpoints.js";
import { OWN_HEADERS, Refused } from "./refused.js";
import { settingsFrom } from "./settings.js";

/** The lane of the account, for whatever polls in this Worker or in another that binds it. */
export class Lane extends ExtractaLane {}

export class Polls extends ExtractaPolls {
  client() {
    const { apiKey, baseUrl } = settingsFrom(this.env);
    return { token: apiKey, baseUrl, sharePacing: accountLane(this.env.LANE) };
  }
}

/** Where Extracta's webhook tells of finished extractions, asking is the safety net. */
const INTERVAL_BESIDE_WEBHOOK_MS = 60_000;

/** The one object that polls for the account. */
export function pollsOf(env) {
  return env.POLLS.getByName("account");
}

/**
 * What pages ask of durable polls: `POST` to an endpoint's name starts one, `GET` of its id tells its status, and its `/events`
 * tell each change; `/results` are the documents, once they are there. `DELETE` of its id cancels it.
 */
export async function answerPolls(path, request, env) {
  if (request.method === "POST") return start(path, request, env);
  const [id, what] = path.split("/", 2).map(decodeURIComponent);
  if (request.method === "DELETE" && what === undefined) {
    admitReading(request);
    return told(await pollsOf(env).cancel(id));
  }
  if (request.method !== "GET") throw new Refused(405, "Only GET, POST and DELETE are answered here.", { allow: "GET, POST, DELETE" });
  admitReading(request);
  switch (what) {
    case undefined:
      return told(await pollsOf(env).status(id));
    case "events":
      return pollsOf(env).fetch(`https://polls/?${new URLSearchParams({ id })}`);
    case "results":
      return results(await env.RESULTS.get(id));
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
  const [id] = await pollsOf(env).start(batch, { deliver: { bucket: "RESULTS" }, intervalMs });
  return told({ id });
}

function told(value) {
  if (value === undefined) throw new Refused(404, "There is no such poll.");
  return Response.json(value, { headers: OWN_HEADERS });
}

function results(stored) {
  if (stored === null) throw new Refused(404, "There are no results of such a poll.");
  return new Response(stored.body, { headers: { ...OWN_HEADERS, "content-type": "application/json" } });
}
