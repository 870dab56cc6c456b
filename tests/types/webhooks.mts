// The receiver of webhooks: what it takes and gives.
import { ExtractaClient } from "extracta-wasm";
import type { DoneBatchResults, ExtractedFields, ExtractedFile, FileStatus, Progress, Watch } from "extracta-wasm";
import { isWebhookError, verifyDelivery, verifyWebhook, WebhookError, WebhookReceiver } from "extracta-wasm/webhooks";
import type { SeenEvents, WebhookBatch, WebhookErrorCode, WebhookEvent, WebhookEventName, WebhookFile } from "extracta-wasm/webhooks";
import { check, type Same } from "./expect.mjs";

interface Receipt {
  total: string;
}

const hooks = new WebhookReceiver({ secret: "E_AI_K_secret" });
new WebhookReceiver({ secret: ["new", "old"], maxBodyBytes: 1_000_000, seen: new Set() });
new WebhookReceiver({ secret: "s", maxBodyBytes: undefined, seen: { has: async () => false, add: async () => {} } });
// @ts-expect-error there has to be a secret
new WebhookReceiver({});
// @ts-expect-error
new WebhookReceiver({ secret: undefined });
// @ts-expect-error what is asked must be answered
const seen: SeenEvents = { has: () => {}, add: () => {} };
void seen;

// A Worker, a route of Next.
declare const request: Request;
// In Node, where its callback is received.
const delivered = await verifyDelivery<Receipt>({ headers: { "webhook-id": "i" }, body: new Uint8Array() }, "whsec_", { maxBodyBytes: 1_000 });
if (delivered && "results" in delivered) void delivered.results.files.length;
// @ts-expect-error
await verifyDelivery(request, "whsec_", { toleranceMs: "1" });
const response: Response = await hooks.handle(request);
void response;
await hooks.handle<Receipt>(request, async ({ event, batches, result, id }) => {
  check<Same<typeof event, WebhookEventName>>();
  check<Same<typeof batches, WebhookBatch<Receipt>[]>>();
  check<Same<typeof result, unknown[]>>();
  check<Same<typeof id, string>>();
  for (const { extractionId, batchId, files } of batches) {
    check<Same<typeof files, WebhookFile<Receipt>[]>>();
    for (const file of files) {
      const asResults: ExtractedFile<Receipt> = file;
      check<Same<typeof file.status, FileStatus>>();
      check<Same<typeof file.batchId, string>>();
      void [asResults, extractionId, batchId, file.result?.total];
    }
  }
  if (event === "extraction.edited") void 0;
  if (event === "extraction.of-tomorrow") void 0;
});
// @ts-expect-error
await hooks.handle(request, (event: string) => void event);

// Node, Express, a gateway.
declare const incoming: { headers: { [name: string]: string | string[] | undefined }; method: string };
await hooks.handle(incoming);
const received = await hooks.receive({ headers: { "x-webhook-signature": "s" }, body: new Uint8Array() });
check<Same<typeof received, { event: WebhookEvent<ExtractedFields>; duplicate: boolean }>>();
// @ts-expect-error
await hooks.receive("body");

const client = new ExtractaClient({ token: "key" });
const batch = { extractionId: "e", batchId: "b" };
const watch = hooks.follow(client.watch<Receipt>(batch, { intervalMs: 60_000 }), batch);
check<Same<typeof watch, Watch<DoneBatchResults<Receipt>, Progress<Receipt>>>>();
// @ts-expect-error classifications have no webhook
hooks.follow(client.watch({ classificationId: "c", batchId: "b" }), { classificationId: "c", batchId: "b" });
// @ts-expect-error a poll that cannot be nudged
hooks.follow(client.pollUntilDone(batch), batch);

try {
  const event = await verifyWebhook<Receipt>(request, { secret: "s" });
  check<Same<typeof event, WebhookEvent<Receipt>>>();
} catch (error) {
  if (!isWebhookError(error)) throw error;
  check<Same<typeof error.code, WebhookErrorCode>>();
  check<Same<typeof error.status, number>>();
  const asError: Error & WebhookError = error;
  void asError;
}
// @ts-expect-error
isWebhookError(new Error(), "NO_SUCH_CODE");
// @ts-expect-error not for calling
new WebhookError("MALFORMED", "text");
// @ts-expect-error nobody has looked whether they are files
const files: WebhookFile[] = (await verifyWebhook(request, { secret: "s" })).result;
void files;
