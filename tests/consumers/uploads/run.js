// What every runtime is to do with files, and what came of it, as text.
import { bytesOf, HEBREW, LARGE } from "./uploaded.mjs";

const file = (name, bytes) => new File([bytes], name, { type: "application/pdf" });

export async function run(ExtractaClient, baseUrl, token) {
  const client = new ExtractaClient({ baseUrl, token });
  const [first, twenty] = await Promise.all([
    client.extract({ extractionId: "one" }, file("one.pdf", bytesOf(70_000))),
    client.classify({ classificationId: "twenty" }, Array.from({ length: 20 }, (_, n) => file(`invoice ${n}.pdf`, bytesOf(1_000 + n, n)))),
    client.uploadFiles({ extractionId: "hebrew" }, file(HEBREW, bytesOf(1_000))),
    client.uploadFiles({ extractionId: "bytes" }, { name: HEBREW, data: bytesOf(1_000) }),
  ]);
  const reported = [];
  const stream = new Blob([bytesOf(300_000)]).stream();
  await client.uploadFiles({ extractionId: "stream" }, { name: HEBREW, data: stream }, { onProgress: ({ sentBytes }) => reported.push(sentBytes) });
  await client.uploadFiles({ extractionId: "large" }, file("large.pdf", bytesOf(LARGE)));
  const failures = {};
  for (const [extractionId, options] of [["upload-http-413"], ["upload-cut"], ["upload-cut-reply"], ["upload-no-batch"], ["upload-never", { uploadTimeoutMs: 5_000 }]]) {
    const ended = client.uploadFiles({ extractionId }, file("a.pdf", bytesOf(2_000_000)), options);
    failures[extractionId] = await ended.then(() => ["done"], ({ code, filesMayHaveArrived }) => [code, filesMayHaveArrived]);
  }
  client.close();
  return JSON.stringify({
    one: first.files.map(({ fileName, result }) => [fileName, result.total]),
    twenty: twenty.files.map(({ fileName, result }) => [fileName, result.documentType]),
    grows: reported.every((sent, n) => n === 0 || sent > reported[n - 1]) && reported.at(-1),
    failures,
  });
}
