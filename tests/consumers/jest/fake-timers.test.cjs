const { ExtractaClient } = require("extracta-wasm");

const { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token } = process.env;
const REPLIES = [{ status: "waiting" }, { status: "waiting" }, { files: [{ status: "processed" }] }];
const requestedAt = [];

/** Polls under fake timers; the stub for the API waits twice and is then done. */
function pollStub(token) {
  jest.useFakeTimers();
  const fetch = async () => Response.json(REPLIES[requestedAt.push(performance.now()) - 1]);
  return new ExtractaClient({ baseUrl, token, fetch }).pollUntilDone({ extractionId: "invoices", batchId: "stub" });
}

const poll = (token, batchId) => new ExtractaClient({ baseUrl, token }).pollUntilDone({ extractionId: "invoices", batchId });

beforeEach(() => requestedAt.splice(0));
afterEach(() => jest.useRealTimers());

test("a poll goes on when the fake timers are advanced", async () => {
  let results;
  pollStub(token).then((settled) => (results = settled));
  for (let step = 0; step < 100 && !results; step += 1) await jest.advanceTimersByTimeAsync(500);
  expect(results?.done).toBe(true);
  const [first, second, third] = requestedAt;
  expect(Math.min(second - first, third - second)).toBeGreaterThanOrEqual(2_000);
});

test("the next one goes on in real time", async () => {
  expect((await poll(token, "waits-2")).files).toHaveLength(3);
});

test("one is left behind with the fake timers", async () => {
  pollStub(`${token}-left`);
  for (let step = 0; step < 100 && requestedAt.length === 0; step += 1) await jest.advanceTimersByTimeAsync(500);
  expect(requestedAt).toHaveLength(1);
});

test("it is in nobody's way in real time", async () => {
  expect((await poll(`${token}-left`, "waits-1")).files).toHaveLength(3);
});
