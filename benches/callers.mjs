// Those who ask once, in any runtime: this package, a `fetch` by hand, axios and ky.
import { results as byAxios } from "../xtask/peers/axios.js";
import { results as byKy } from "../xtask/peers/ky.js";
import { results as byHand } from "../xtask/peers/loop.js";
import { asking } from "./nowhere.mjs";

export const [OURS, BY_HAND] = ["extracta-wasm", "fetch by hand"];

/** A contender that does nothing: what is left of it is the measurement itself. */
export const NOBODY = "nobody";

const TOKEN = "bench-token";

/**
 * Functions that ask for a batch of so many files and fail unless all of them come. With `fetch` they ask that instead of the
 * network.
 */
export function callers({ ExtractaClient, baseUrl, files, fetch }) {
  // Without a floor: a call is to be measured, not the wait before it.
  const client = new ExtractaClient({ baseUrl, token: TOKEN, minIntervalMs: 0, fetch });
  const ids = { extractionId: "-BenchExtraction", batchId: `files-${files}` };
  const checked = async (results) => {
    const got = (await results).files.length;
    if (got !== files) throw new Error(`${got} files instead of ${files}`);
  };
  return {
    [OURS]: () => checked(client.getBatchResults(ids)),
    [BY_HAND]: () => checked(byHand(baseUrl, TOKEN, ids, { fetch })),
    axios: () => checked(byAxios(baseUrl, TOKEN, ids, fetch && asking("axios", fetch))),
    ky: () => checked(byKy(baseUrl, TOKEN, ids, { fetch })),
  };
}
