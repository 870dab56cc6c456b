import build from "@hono/vite-build/cloudflare-workers";

// Vite would put the wasm into the script, as bytes, which Workers refuse to compile. So wrangler is to bundle the package.
export default { plugins: [build({ entry: "index.js", external: ["extracta-wasm"] })] };
