// What `worker-build` writes for a Worker: its handlers, of the one instance of the wasm.
import wasm from "./workers_app_bg.wasm";
import { fetch, initSync } from "./workers_app.js";

initSync({ module: wasm });
export default { fetch };
