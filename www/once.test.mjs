import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./once.mjs", import.meta.url));

/** A package whose methods are the given source text. */
function packageWith(...methods) {
  const source = `export class ExtractaClient { ${methods.join(" ")} close() { console.log("client closed"); } }`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

function run(...args) {
  return spawnSync(process.execPath, [SCRIPT, ...args], { encoding: "utf8" });
}

test("both batches are polled, shown as plain lines and printed", () => {
  const answers = `async pollUntilDone(batch, { onProgress }) {
    onProgress({ attempt: 1, counts: { total: 1, processed: 1, failed: 0, pending: 0 } });
    const result = "classificationId" in batch ? { documentType: "invoice", confidence: 0.5 } : { total: "10" };
    return { ...batch, done: true, files: [{ fileName: "a\\u001b[2J.pdf", status: "processed", result }] };
  }`;
  const { status, stdout, stderr } = run("http://127.0.0.1:1/api/v1", packageWith(answers));
  assert.equal(status, 0, stderr);
  assert.match(stdout, /stand-in, not the service/);
  assert.match(stdout, /demo-invoices: finished\n {2}a \[2J\.pdf: processed\n {4}total: 10\n/);
  assert.match(stdout, /demo-inbox: finished\n {2}a \[2J\.pdf: processed\n {4}invoice, 50% sure\n/);
  assert.match(stdout, /1\/1 finished, poll 1\n/);
  assert.doesNotMatch(stdout, /\u001b/);
});

test("files are uploaded, and their fields printed", () => {
  const answers = `async extract(target, files, { onProgress }) {
    onProgress({ phase: "upload", sentBytes: 0 });
    onProgress({ phase: "upload", sentBytes: 2_000 });
    onProgress({ phase: "results", attempt: 1, counts: { total: 1, failed: 0, pending: 0 }, results: { batchId: "b" } });
    return { ...target, batchId: "b", files: files.map(({ name }) => ({ fileName: name, status: "processed", result: { total: "10" } })) };
  }`;
  const { status, stdout, stderr } = run("http://127.0.0.1:1/api/v1", packageWith("", answers), SCRIPT);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /Uploading: 0 bytes\nUploading: 2 KB\nb .*1\/1 finished, poll 1\n/);
  assert.match(stdout, /b: finished\n {2}once\.mjs: processed\n {4}total: 10\nclient closed\n/);
  const missing = run("http://127.0.0.1:1/api/v1", packageWith("", answers), "no-such.pdf");
  assert.deepEqual([missing.status, missing.stderr], [1, "There is no file no-such.pdf\n"]);
});

test("a failure closes the client, prints its message and exits with 1", () => {
  const fails = `async pollUntilDone({ batchId }) {
    if (batchId === "demo-inbox") throw new Error("no such\\u001b batch");
    return new Promise(() => {});
  }`;
  const { status, stdout, stderr } = run("http://127.0.0.1:1/api/v1", packageWith(fails));
  assert.equal(status, 1);
  assert.equal(stderr, "no such  batch\n");
  assert.match(stdout, /client closed/);
});

test("missing arguments print the usage and exit with 1", () => {
  const { status, stderr } = run();
  assert.equal(status, 1);
  assert.match(stderr, /^usage: node once\.mjs BASE_URL PACKAGE_ENTRY \[FILE…\]\n/);
});
