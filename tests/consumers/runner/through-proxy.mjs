// A proxy that an app's server makes, asked as the client in a page of the app asks it.
import assert from "node:assert/strict";
import { assertAsked } from "./poll.mjs";

const BATCH = { extractionId: "invoices", batchId: "waits-2" };

/** Polls to the end by asking once for each change, and judges by what the stand-in saw of the proxy's token. */
export async function pollThroughProxy(address, token) {
  const foreign = await ask(address, { "sec-fetch-site": "cross-site" });
  assert.equal(foreign.status, 403, await foreign.text());
  let since = "";
  for (;;) {
    const answer = await ask(address, { "sec-fetch-site": "same-origin", prefer: `wait=20${since}` });
    const text = await answer.text();
    assert.ok([200, 204].includes(answer.status), `${answer.status} ${text}`);
    assert.ok(!text.includes(token));
    if (answer.status === 204) continue;
    since = `; since="${answer.headers.get("extracta-state")}"`;
    const { files = [] } = JSON.parse(text);
    if (files.length === 0) continue;
    assert.deepEqual(files.map(({ status }) => status), ["processed", "processed", "processed"]);
    return assertAsked(token);
  }
}

function ask(address, headers) {
  return fetch(`${address}/getBatchResults`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(BATCH) });
}
