const { ExtractaClient } = require("extracta-wasm");
const { WebhookReceiver } = require("extracta-wasm/webhooks");

// jsdom has no fetch and no Response, and tests want none.
const replies = [{ status: "waiting" }, { files: [{ fileName: "one.pdf", status: "processed", result: {} }] }];
const headers = { get: (name) => (name === "content-type" ? "application/json" : null) };
const fetch = async () => ({ status: 200, headers, json: async () => replies.shift() });

test("a receiver of webhooks is made", () => {
  expect(typeof new WebhookReceiver({ secret: "secret" }).receive).toBe("function");
});

test("a poll goes on to the end", async () => {
  const client = new ExtractaClient({ baseUrl: "/api/extracta", minIntervalMs: 50, fetch });
  const { files } = await client.pollUntilDone({ extractionId: "invoices", batchId: "stub" });
  expect(files.map(({ status }) => status)).toEqual(["processed"]);
});
