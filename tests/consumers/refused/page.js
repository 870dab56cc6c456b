import { ExtractaClient, isExtractaError } from "./node_modules/extracta-wasm/dist/index.js";
import { init } from "./node_modules/extracta-wasm/dist/slim.js";

const reported = (error) => [isExtractaError(error, "UNSUPPORTED"), error.message];
const ends = [];
try {
  new ExtractaClient({ baseUrl: "/api/extracta" });
} catch (error) {
  ends.push(reported(error));
}
await init("./node_modules/extracta-wasm/dist/extracta_wasm.wasm").catch((error) => ends.push(reported(error)));
document.querySelector("output").textContent = JSON.stringify(ends);
