// `using` closes the client at the end of its block.
import { ExtractaClient } from "extracta-wasm";

{
  using client = new ExtractaClient({ token: "key" });
  await client.pollUntilDone({ extractionId: "e", batchId: "b" });
}
const client = new ExtractaClient({ token: "key" });
const closed: void = client.close();
client[Symbol.dispose]();
const disposable: Disposable = client;
void [closed, disposable];
// @ts-expect-error an inner matter of how the client is made
client.free();
