// What a live poll holds, in the heap and in the wasm's memory; and that polls which have ended hold nothing.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { NOBODY, OURS } from "../callers.mjs";
import { withCleanup } from "../cleanup.mjs";
import { installedApp } from "../installed.mjs";
import { planOf } from "../plan.mjs";
import { pollers } from "../pollers.mjs";
import { spreadOf } from "../statistics.mjs";

const CHILD = fileURLToPath(new URL("../memory-child.mjs", import.meta.url));

export function measure(options) {
  const { live, runs, settled } = planOf(options).memory;
  return withCleanup(async (t) => {
    const app = await installedApp(t);
    const inChild = async (...args) => JSON.parse((await promisify(execFile)(process.execPath, [CHILD, ...args.map(String)])).stdout);
    const perPoll = {};
    for (const name of [...Object.keys(pollers({})), NOBODY]) {
      perPoll[name] = {};
      for (const count of live) {
        const bytes = [];
        for (let run = 0; run < runs; run += 1) bytes.push((await inChild(name, app, count)) / count);
        perPoll[name][count] = spreadOf(bytes);
      }
    }
    const [first, second, third] = await inChild(OURS, app, settled, "settled");
    return { bytesPerPoll: perPoll, settled: { polls: settled, bytesAfterRounds: [first, second, third] } };
  });
}
