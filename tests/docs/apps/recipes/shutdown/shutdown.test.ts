import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExtractaClient } from "extracta-wasm";
import { done, fakeApi, waiting } from "extracta-wasm/testing";
import { expect, test, vi } from "vitest";
import { startPolls } from "./polls.ts";

/** Not a limit on how fast anything is: only so that what never comes about fails its test instead of hanging it. */
const until = <T,>(assertion: () => T) => vi.waitFor(assertion, { timeout: 60_000 });

const newFolder = () => mkdtempSync(join(tmpdir(), "extracta-polls-"));
const batch = (batchId: string) => ({ extractionId: "-OExampleTemplate", batchId });

test("the next process goes on with what was open, and with nothing else", async () => {
  const file = join(newFolder(), "open.json");
  let isReady = false;
  const api = fakeApi({ quick: [done()], slow: () => (isReady ? done() : waiting()), slower: () => (isReady ? done() : waiting()) });
  const clientOf = () => new ExtractaClient({ baseUrl: "https://api.test", minIntervalMs: 5, fetch: api.fetch });
  const settled: string[] = [];
  const errors: unknown[] = [];
  const start = () => startPolls(clientOf(), file, ({ batchId }) => void settled.push(batchId), (error) => void errors.push(error));

  const first = start();
  for (const batchId of ["slow", "quick", "slower"]) first.add(batch(batchId));
  await until(() => expect(settled).toEqual(["quick"]));
  first.stop();
  const requested = api.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(api.requests.length).toBe(requested);
  expect(JSON.parse(readFileSync(file, "utf8"))).toHaveLength(2);

  isReady = true;
  start();
  await until(() => expect([...settled].sort()).toEqual(["quick", "slow", "slower"]));
  expect(errors).toEqual([]);
});

test.skipIf(process.platform === "win32")("a server ends on SIGTERM, and its successor finishes its polls", async () => {
  const folder = newFolder();
  const preload = process.env.EXTRACTA_REDIRECT;
  const start = async () => {
    const server = spawn(process.execPath, ["--no-warnings", "--import", String(preload), join(import.meta.dirname, "server.ts")], { cwd: folder, env: { ...process.env, PORT: "0", EXTRACTA_BATCH: "waits-3" } });
    let printed = "";
    server.stdout.on("data", (data) => (printed += data));
    server.stderr.on("data", (data) => (printed += data));
    const exit = new Promise<number | null>((resolve) => server.on("exit", resolve));
    const printedNow = (pattern: RegExp) => until(() => {
      const match = pattern.exec(printed);
      if (!match) throw new Error(`not yet ${pattern}: ${printed}`);
      return match;
    });
    const [, port] = await printedNow(/listening on .*port: (\d+)/s);
    return { address: `http://127.0.0.1:${port}`, stop: () => (server.kill("SIGTERM"), exit), printedNow };
  };

  const first = await start();
  expect((await fetch(`${first.address}/march`)).status).toBe(202);
  expect(await first.stop()).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, "open.json"), "utf8"))).toHaveLength(1);
  const second = await start();
  await second.printedNow(/march has 3 files/);
  expect(await second.stop()).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, "open.json"), "utf8"))).toEqual([]);
});
