// The slim entry: what init takes, and that the rest is that of the default entry.
import * as whole from "extracta-wasm";
import wasm from "extracta-wasm/extracta_wasm.wasm";
import * as slim from "extracta-wasm/slim";
import { check, type Same } from "./expect.mjs";

check<Same<typeof slim.ExtractaClient, typeof whole.ExtractaClient>>();
check<Same<ReturnType<typeof slim.init>, Promise<void>>>();
check<Same<typeof wasm, WebAssembly.Module>>();

slim.init("/client.wasm");
slim.init(new URL("https://app.example/client.wasm"));
slim.init(new Request("/client.wasm"));
slim.init(fetch("/client.wasm"));
slim.init(new ArrayBuffer(8));
slim.init(new Uint8Array(8));
slim.init(wasm);
slim.init(Promise.resolve(wasm));
// @ts-expect-error the wasm has to come from somewhere
slim.init();
// @ts-expect-error (a number would pass: lib "dom" declares WebAssembly.Module as an empty interface)
slim.init(null);
