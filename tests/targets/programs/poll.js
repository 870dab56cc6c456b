// The poll that each program does, with a `fetch` of its own: a batch that is finished at the third request.
const REPLIES = [{ status: "waiting" }, { files: [] }, { files: [{ fileId: "f", status: "processed", result: { total: "1" } }] }];

export async function poll(ExtractaClient) {
  let requested = 0;
  const fetch = async () => Response.json(REPLIES[requested++]);
  const client = new ExtractaClient({ baseUrl: "https://api.test/v1", minIntervalMs: 1, fetch });
  const attempts = [];
  const onProgress = ({ attempt }) => attempts.push(attempt);
  const results = await client.pollUntilDone({ extractionId: "e", batchId: "b" }, { onProgress });
  console.log(JSON.stringify({ requested, attempts, done: results.done, totals: results.files.map((file) => file.result.total) }));
}
