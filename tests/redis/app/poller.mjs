// One server of several: polls batches through a lane that it shares over Redis, and says what came of it.
import { ExtractaClient } from "extracta-wasm";
import { redisPacing } from "extracta-wasm/redis";
import { CLIENTS } from "./connect.mjs";

const { kind, folder, redis, options, batches, poll } = JSON.parse(process.argv[2]);
const { client, close } = await CLIENTS[kind](folder, redis);

let [granted, late] = [0, 0];
const pacing = redisPacing(client);
const reserve = async (request) => {
  const requestedAt = performance.now();
  const waitMs = await pacing.reserve(request);
  // One that comes later than half a gap counts as none, by the client's own rule.
  if (waitMs === 0 && performance.now() - requestedAt <= request.gapMs / 2) granted += 1;
  return waitMs;
};
// On a busy machine sending, too, may come too late for the slot: the request is called off.
const onEvent = ({ type }) => (late += Number(type === "failure"));
const extracta = new ExtractaClient({ ...options, onEvent, sharePacing: { ...pacing, reserve } });
console.log("polling");
const polls = batches.map((batchId) => extracta.pollUntilDone({ extractionId: "redis", batchId }, poll));
const ended = await Promise.allSettled(polls);
console.log(`ended ${JSON.stringify({ used: granted - late, outcomes: ended.map(({ value, reason }) => value?.done ?? String(reason)) })}`);
close();
