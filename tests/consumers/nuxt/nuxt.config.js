export default defineNuxtConfig({
  compatibilityDate: "2026-11-01",
  // Workers run only wasm that is imported as a module, and Nitro takes that for an experiment.
  $env: { cloudflare: { nitro: { experimental: { wasm: true } } } },
});
