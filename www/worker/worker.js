/**
 * A Cloudflare Worker that serves the demo page and keeps the API key away from it. The page's client asks with
 * `baseUrl: "/api/extracta"`; what it may ask goes on to Extracta.ai with the key, which is a secret of the Worker.
 *
 * It tells its own pages from those of other origins, not one visitor from another: put it behind a login before it
 * guards documents that not every visitor may read. Nor does it pace: the 2 seconds are kept by the client, for its page
 * alone. Pages open at the same time share the key but no lane; a 429 that this brings about reaches its page as it is,
 * which then waits.
 */
import { admit } from "./admission.js";
import { readBatch } from "./batch.js";
import { ask } from "./proxy.js";
import { Refused } from "./refused.js";
import { settingsFrom } from "./settings.js";

const PROXY = "/api/extracta/";

/** Each results endpoint with the id that it takes besides `batchId` and `fileId`. */
const ENDPOINTS = new Map([
  ["getBatchResults", "extractionId"],
  ["documentClassification/getResults", "classificationId"],
]);

export default {
  async fetch(request, env) {
    try {
      return await route(request, env);
    } catch (error) {
      if (error instanceof Refused) return error.toResponse();
      throw error;
    }
  },
};

/** The files of the page are served before this is asked: see `assets` in wrangler.jsonc. */
async function route(request, env) {
  const { pathname } = new URL(request.url);
  const endpoint = pathname.startsWith(PROXY) ? pathname.slice(PROXY.length) : "";
  const template = ENDPOINTS.get(endpoint);
  if (template === undefined) throw new Refused(404, "There is nothing at this address.");
  admit(request);
  const batch = await readBatch(request, template);
  return ask(endpoint, batch, settingsFrom(env));
}
