// The packed package, installed into an app of its own.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freshApp } from "../tests/consumers/runner/app.mjs";

/** A folder with what benches/app holds, and the package. */
export function installedApp(t) {
  return freshApp(t, "../../benches/app");
}

export async function clientOf(app) {
  const { ExtractaClient } = await import(pathToFileURL(join(app, "node_modules/extracta-wasm/dist/index.js")));
  return ExtractaClient;
}
