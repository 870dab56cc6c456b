import { admit } from "./admission.js";
import { readBatch } from "./batch.js";
import { templateOf } from "./endpoints.js";
import { ask } from "./proxy.js";
import { settingsFrom } from "./settings.js";

/** Asks a results endpoint, once, for a page of this origin. */
export async function askResults(endpoint, request, env) {
  const template = templateOf(endpoint);
  admit(request);
  const batch = await readBatch(request, template);
  return ask(endpoint, batch, settingsFrom(env));
}
