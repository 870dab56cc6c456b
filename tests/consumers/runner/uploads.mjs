// Files uploaded from every runtime: each arrives once and whole, and what fails says what may have happened.
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesOf, filesOf, HEBREW, LARGE, listed } from "../../node-package/uploaded.mjs";
import { freshApp } from "./app.mjs";
import { chromiumVersion, reportOf as reportOfChromium } from "./chromium.mjs";
import { consumersOf } from "./consumer.mjs";
import { firefoxVersion, reportOf as reportOfFirefox } from "./firefox.mjs";
import { baseUrl, newToken } from "./poll.mjs";
import { run } from "./program.mjs";
import { deno, node, ofScope } from "./programs.mjs";
import { serve } from "./server.mjs";
import { scratch, setting } from "./settings.mjs";
import { standin } from "./standin.mjs";
import { serveWorker } from "./workerd.mjs";

const consumer = consumersOf("Runtimes");

const FAILURES = {
  "upload-http-413": ["BAD_REQUEST", false],
  "upload-cut": ["NETWORK", true],
  "upload-cut-reply": ["NETWORK", true],
  "upload-no-batch": ["UNEXPECTED_REPLY", true],
  "upload-never": ["REQUEST_TIMEOUT", true],
};

async function app(t) {
  const folder = await freshApp(t, "uploads");
  await cp(fileURLToPath(new URL("../../node-package/uploaded.mjs", import.meta.url)), join(folder, "uploaded.mjs"));
  return folder;
}

/** `repeated` are failures after which the platform sends once more by itself, where no program can see or stop it. */
async function assertUploaded(report, token, { at = standin, repeated = [] } = {}) {
  assert.match(report, /^\{/, "the app reported something else than JSON");
  const twenty = Array.from({ length: 20 }, (_, n) => `invoice ${n}.pdf`);
  assert.deepEqual(JSON.parse(report), {
    one: [["one.pdf", "25.50"]],
    twenty: twenty.map((name) => [name, "invoice"]),
    grows: 300_000,
    failures: FAILURES,
  });
  const uploads = await (await fetch(`${at}/_standin/uploads?token=${token}`)).json();
  const arrived = (id) => uploads.filter(({ templateId }) => templateId === id).map(filesOf);
  assert.deepEqual(arrived("one"), [[listed("one.pdf", bytesOf(70_000))]]);
  assert.deepEqual(arrived("twenty"), [twenty.map((name, n) => listed(name, bytesOf(1_000 + n, n)))]);
  for (const id of ["hebrew", "bytes"]) assert.deepEqual(arrived(id), [[listed(HEBREW, bytesOf(1_000))]]);
  assert.deepEqual(arrived("stream"), [[listed(HEBREW, bytesOf(300_000))]]);
  assert.deepEqual(arrived("large"), [[listed("large.pdf", bytesOf(LARGE))]]);
  for (const id of Object.keys(FAILURES)) {
    if (repeated.includes(id)) assert.ok(arrived(id).length >= 1);
    else assert.equal(arrived(id).length, 1, `${id} is sent once`);
  }
}

const ENV = { DENO_DIR: join(scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" };

const runs = (program, ...args) => async (t) => {
  const [cwd, token] = [await app(t), newToken()];
  await assertUploaded(await run(t, await program(), [...args, "main.mjs", baseUrl, token], { cwd, env: ENV }), token);
};

const MEGABYTES = 500;

/** A stream is not held: memory grows by less than a quarter of what is sent. */
const streams = (program, ...args) => async (t) => {
  const [cwd, token] = [await app(t), newToken()];
  const reported = await run(t, await program(), [...args, "memory.mjs", baseUrl, token, MEGABYTES], { cwd, env: ENV });
  const { grownMb } = JSON.parse(reported);
  t.diagnostic(`${MEGABYTES} MB from a stream took ${grownMb} MB`);
  assert.ok(grownMb < MEGABYTES / 4, `${grownMb} MB`);
  const [, { files }] = await (await fetch(`${standin}/_standin/uploads?token=${token}`)).json();
  assert.equal(files[0].bytes, MEGABYTES * 1e6);
};

const works = (compatibilityDate) => async (t) => {
  const token = newToken();
  const bindings = { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token };
  const response = await fetch(await serveWorker(t, await app(t), "worker.js", { compatibilityDate, bindings }));
  await assertUploaded(await response.text(), token);
};

/**
 * A browser repeats by itself what breaks on a connection that it had kept, with no word to the page: an upload as well. So
 * pages talk to a stand-in that keeps none.
 */
const forgetful = setting("EXTRACTA_STANDIN_CLOSING_URL", "a running stand-in that was started with --close-connections").replace(/\/$/, "");
const query = (token) => `?${new URLSearchParams({ api: `${forgetful}/api/v1`, token })}`;

const DENO = ["run", "--no-prompt", "--node-modules-dir=manual", "--allow-net=127.0.0.1"];
const bun = () => ofScope("@oven", join("bin", "bun"), "Bun");

const modes = {
  [`Node ${process.versions.node.split(".")[0]}`]: runs(() => process.execPath),
  "Node 22": runs(() => node(22)),
  "Node 24": runs(() => node(24)),
  "Deno, with --allow-net only": runs(deno, ...DENO),
  Bun: runs(bun),
  [`Node ${process.versions.node.split(".")[0]}, ${MEGABYTES} MB from a stream`]: streams(() => process.execPath),
  [`Node 24, ${MEGABYTES} MB from a stream`]: streams(() => node(24)),
  [`Deno, ${MEGABYTES} MB from a stream`]: streams(deno, ...DENO),
  [`Bun, ${MEGABYTES} MB from a stream`]: streams(bun),
  "workerd, 2026-11-01": works("2026-11-01"),
  "workerd, 2024-11-01": works("2024-11-01"),
  Chromium: async (t) => {
    await chromiumVersion();
    const token = newToken();
    const report = reportOfChromium(t, `${await serve(t, await app(t))}${query(token)}`, { requestsMayFail: true });
    await assertUploaded(await report, token, { at: forgetful });
  },
  Firefox: async (t) => {
    await firefoxVersion(t);
    const token = newToken();
    const report = await reportOfFirefox(t, await app(t), query(token));
    await assertUploaded(report, token, { at: forgetful, repeated: ["upload-cut", "upload-cut-reply"] });
  },
};
// The programs of the other rows, and the browsers of this machine.
consumer("All of these, uploading", () => "as above", modes, "files, bytes, and 500 MB from a stream; in Chromium and Firefox too");
