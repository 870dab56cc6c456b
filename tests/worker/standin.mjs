// What the stand-in behind the Worker saw.
import { fromEnvironment } from "../page/browser.mjs";

/** The Worker's secret. */
export const KEY = fromEnvironment("EXTRACTA_API_KEY", "the key that the Worker was given");
export const STANDIN = fromEnvironment("EXTRACTA_STANDIN_URL", "the address of the stand-in behind the Worker, http://127.0.0.1:PORT say");

/** The requests for a batch, all of them and those that came with the Worker's key. */
export async function arrivals(batchId) {
  const [all, withKey] = await Promise.all(["", `?token=${encodeURIComponent(KEY)}`].map(logged));
  const ofBatch = (entries) => entries.filter((entry) => entry.batchId === batchId);
  return { all: ofBatch(all), withKey: ofBatch(withKey) };
}

async function logged(query) {
  return (await fetch(`${STANDIN}/_standin/log${query}`)).json();
}
