// A CommonJS file sees the same types.
import extracta = require("extracta-wasm");

const client: extracta.ExtractaClient = new extracta.ExtractaClient({ token: "key" });

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

export = { poll, code };
