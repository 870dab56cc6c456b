// A CommonJS file sees the same types.
import extracta = require("extracta-wasm");
import origin = require("extracta-wasm/origin");
import webhooks = require("extracta-wasm/webhooks");

const client: extracta.ExtractaClient = new extracta.ExtractaClient({ token: "key", sharePacing: origin.originPacing() });

async function poll(): Promise<number> {
  const results = await client.pollUntilDone<{ total: string }>({ extractionId: "e", batchId: "b" });
  const total: string | undefined = results.files[0]?.result?.total;
  // @ts-expect-error
  const wrong: number = total;
  void wrong;
  return results.files.length;
}

function code(error: unknown): extracta.ErrorCode | undefined {
  return extracta.isExtractaError(error) ? error.code : undefined;
}

async function receive(request: Request): Promise<string> {
  const { event } = await webhooks.verifyWebhook(request, { secret: "s" });
  // @ts-expect-error
  const wrong: number = event;
  void wrong;
  return event;
}

export = { poll, code, receive };
