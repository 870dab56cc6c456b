// How far apart requests arrive at the stand-in, which keeps no floor and logs arrivals: one batch, ten batches, and ten
// batches while the thread stands still several times.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { withCleanup } from "../cleanup.mjs";
import { clientOf, installedApp } from "../installed.mjs";
import { planOf } from "../plan.mjs";
import { pollers } from "../pollers.mjs";
import { standin } from "../settings.mjs";
import { spreadOf } from "../statistics.mjs";

/** A stall lasts so many floors, and so many pass before each and after the last. */
const [STALL_FLOORS, CALM_FLOORS] = [4.5, 4];

/** A batch of the stand-in that is never done. */
const FOREVER = "forever";

export function measure(options) {
  const { floorMs, calm, stalls } = planOf(options).spacing;
  return withCleanup(async (t) => {
    const ExtractaClient = await clientOf(await installedApp(t));
    const scenarios = {
      one: { batches: 1, live: () => sleep(calm * floorMs) },
      ten: { batches: 10, live: () => sleep(calm * floorMs) },
      stalled: { batches: 10, live: () => stall(stalls, floorMs) },
    };
    const figures = { floorMs, stalls, stallFloors: STALL_FLOORS };
    for (const [scenario, plan] of Object.entries(scenarios)) {
      figures[scenario] = {};
      for (const [name, poller] of Object.entries(pollers({ ExtractaClient }))) {
        figures[scenario][name] = judge(await arrivals(poller, floorMs, plan), floorMs);
      }
    }
    return figures;
  });
}

async function stall(times, floorMs) {
  for (let time = 0; time < times; time += 1) {
    await sleep(CALM_FLOORS * floorMs);
    const until = performance.now() + STALL_FLOORS * floorMs;
    while (performance.now() < until);
  }
  await sleep(CALM_FLOORS * floorMs);
}

/** When the requests arrived, in milliseconds. */
async function arrivals(poller, floorMs, { batches, live }) {
  const token = `bench-${randomUUID()}`;
  const controller = new AbortController();
  const poll = poller({ baseUrl: `${standin}/api/v1`, token, floorMs, signal: controller.signal });
  const polls = Array.from({ length: batches }, (_, number) => poll({ extractionId: `batch-${number}`, batchId: FOREVER }));
  let isOver = false;
  const ended = Promise.allSettled(polls).finally(() => (isOver = true));
  await live();
  const seen = async () => (await fetch(`${standin}/_standin/log?token=${token}`)).json();
  // On a machine that stood still there may be nothing to compare yet.
  while (!isOver && (await seen()).length < 2) await sleep(floorMs);
  controller.abort(new Error("enough"));
  for (const { status, reason } of await ended) {
    if (status === "fulfilled" || !/enough/.test(reason.message)) throw new Error("a poll ended by itself", { cause: reason });
  }
  return (await seen()).map(({ arrivedMs }) => arrivedMs);
}

function judge(arrived, floorMs) {
  const gaps = arrived.slice(1).map((at, index) => at - arrived[index]);
  if (gaps.length === 0) throw new Error("fewer than two requests arrived");
  return {
    requests: arrived.length,
    broken: gaps.filter((gap) => gap < floorMs).length,
    smallestGapMs: Math.min(...gaps),
    overMs: spreadOf(gaps.map((gap) => gap - floorMs)),
    slotsUsed: (gaps.length * floorMs) / (arrived.at(-1) - arrived[0]),
  };
}
