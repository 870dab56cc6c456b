// The entry for Cloudflare Workers, without the types of Workers: what it takes of them is declared by shape.
import type { ClientOptions, SharedPacing } from "extracta-wasm";
import {
  DeliveryError,
  ExtractaLane,
  ExtractaPolls,
  accountLane,
  pollInWorkflow,
  verifyDelivery,
  type Delivery,
  type PollStatus,
} from "extracta-wasm/cloudflare";
import { check, type Same } from "./expect.mjs";

interface Env {
  EXTRACTA_API_KEY: string;
  LANE: { idFromName(name: string): { name: string }; get(id: { name: string }): object };
}

check<Same<ReturnType<typeof accountLane>, SharedPacing>>();

export class Lane extends ExtractaLane {}

export class Polls extends ExtractaPolls<Env> {
  override workMs = 10_000;

  override client(): ClientOptions {
    return { token: this.env.EXTRACTA_API_KEY, sharePacing: accountLane(this.env.LANE, "second account") };
  }

  override async deliver(delivery: Delivery, target: { table: string }, { signal }: { signal: AbortSignal }) {
    if ("error" in delivery) throw new DeliveryError(`${target.table} takes no errors`, { final: true });
    await fetch("https://app.example/", { method: "POST", body: JSON.stringify(delivery.results.files), signal });
  }
}

declare const polls: Polls;
const batch = { extractionId: "e", batchId: "b" };
check<Same<ReturnType<typeof polls.start>, Promise<string[]>>>();
polls.start(batch, { deliver: { queue: "RESULTS" } });
polls.start([{ ...batch, id: "mine", expectedFiles: 3 }, { classificationId: "c", batchId: "b" }], {
  deliver: { bucket: "RESULTS", prefix: "extracta/" },
  timeoutMs: Infinity,
  deliverWithinMs: 3_600_000,
  followExtractions: true,
});
polls.start(batch, { deliver: { callback: "https://app.example/done", secret: "CALLBACK_SECRET" } });
polls.start(batch, { deliver: { table: "of my own" } });
// @ts-expect-error a callback is signed
polls.start(batch, { deliver: { callback: "https://app.example/done" } });
// @ts-expect-error where to is not for leaving out
polls.start(batch, {});
// @ts-expect-error a signal cannot be stored
polls.start(batch, { deliver: { queue: "RESULTS" }, signal: AbortSignal.timeout(1) });
// @ts-expect-error a batch has a template
polls.start({ batchId: "b" }, { deliver: { queue: "RESULTS" } });

const status = await polls.status("mine");
check<Same<typeof status, PollStatus | undefined>>();
if (status?.state === "undelivered") console.log(status.deliveryError, status.counts?.failed, status.error?.code);

const delivery = await verifyDelivery<{ total: string }>(new Request("https://app.example/done"), "whsec_");
if (delivery && "results" in delivery) console.log(delivery.id, delivery.results.files[0]?.status);

declare const step: {
  do(name: string, callback: () => Promise<unknown>): Promise<unknown>;
  do(name: string, config: { timeout?: number }, callback: () => Promise<unknown>): Promise<unknown>;
  sleep(name: string, duration: number | string): Promise<void>;
};
const { attempts } = await pollInWorkflow<{ total: string }>(step, batch, {
  client: { token: "key" },
  deliver: async ({ id, results }) => console.log(id, results.files.length),
});
check<Same<typeof attempts, number>>();
