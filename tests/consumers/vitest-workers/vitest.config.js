import { cloudflareTest } from "@cloudflare/vitest-plugin";

const { EXTRACTA_URL, EXTRACTA_API_KEY } = process.env;
const miniflare = { compatibilityDate: "2026-09-01", bindings: { EXTRACTA_URL, EXTRACTA_API_KEY } };
// Not a limit on how fast anything is: in real time a poll takes seconds.
export default { plugins: [cloudflareTest({ miniflare })], test: { testTimeout: 120_000 } };
