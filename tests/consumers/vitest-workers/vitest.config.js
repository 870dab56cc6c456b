import { cloudflareTest } from "@cloudflare/vitest-plugin";

const { EXTRACTA_URL, EXTRACTA_API_KEY } = process.env;
const plugin = cloudflareTest({ wrangler: { configPath: "wrangler.json" }, miniflare: { bindings: { EXTRACTA_URL, EXTRACTA_API_KEY } } });
// Not a limit on how fast anything is: in real time a poll takes seconds.
export default { plugins: [plugin], test: { testTimeout: 120_000 } };
