import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { accountLane, type LaneNamespace } from "extracta-wasm/cloudflare";
import { originPacing } from "extracta-wasm/origin";
import { init } from "extracta-wasm/slim";
import { fakeApi } from "extracta-wasm/testing";
import { WebhookReceiver } from "extracta-wasm/webhooks";

export async function totals(batchId: string): Promise<(string | undefined)[]> {
  const client = new ExtractaClient({ baseUrl: "/api/extracta", sharePacing: originPacing() });
  const { files } = await client.pollUntilDone<{ total: string }>({ extractionId: "invoices", batchId });
  return files.map((file) => file.result?.total);
}

export const others = (lane: LaneNamespace) => [accountLane(lane), init, fakeApi, new WebhookReceiver({ secret: "secret" }), isExtractaError];
