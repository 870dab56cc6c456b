/** Workers and bundlers give a compiled module; others an address or a path. */
declare const wasm: WebAssembly.Module;
export default wasm;
