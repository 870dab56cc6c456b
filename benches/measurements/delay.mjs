// From the moment when one batch is done on the server to the moment when its promise is resolved.
import { randomUUID } from "node:crypto";
import { withCleanup } from "../cleanup.mjs";
import { clientOf, installedApp } from "../installed.mjs";
import { withServer } from "../loopback.mjs";
import { planOf } from "../plan.mjs";
import { pollers } from "../pollers.mjs";
import { spreadOf } from "../statistics.mjs";

/** The same moments for everyone, spread evenly over a floor. */
const GOLDEN_RATIO = 0.618_034;

export function measure(options) {
  const plan = planOf(options);
  const { floorMs } = plan.spacing;
  return withCleanup(async (t) => {
    const ExtractaClient = await clientOf(await installedApp(t));
    const contenders = Object.entries(pollers({ ExtractaClient }));
    const { signal } = new AbortController();
    // Each waits for its own batch: side by side they disturb nobody.
    const delays = await withServer((baseUrl) =>
      Promise.all(contenders.map(([, poller]) => delaysOf(poller({ baseUrl, token: randomUUID(), floorMs, signal }), plan.delays, floorMs))),
    );
    const names = contenders.map(([name]) => name);
    return { floorMs, delayMs: Object.fromEntries(names.map((name, index) => [name, spreadOf(delays[index])])) };
  });
}

async function delaysOf(poll, times, floorMs) {
  const delays = [];
  for (let time = 0; time < times; time += 1) {
    const doneAt = wallNow() + floorMs * (1 + ((time * GOLDEN_RATIO) % 1));
    await poll({ extractionId: "-BenchExtraction", batchId: `done-at-${doneAt}` });
    delays.push(wallNow() - doneAt);
  }
  return delays;
}

/** As exact as the monotonic clock, and comparable with that of another process. */
function wallNow() {
  return performance.timeOrigin + performance.now();
}
