/** Workers and bundlers give a compiled module; others an address or a path. */
declare const wasm: typeof globalThis extends { WebAssembly: { Module: { prototype: infer T } } } ? T : object;
export default wasm;
