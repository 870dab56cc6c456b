// What a browser downloads: xtask/sizes.mjs, which `cargo xtask build` judges by.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { built } from "../settings.mjs";

export async function measure() {
  const files = ["generated/client.wasm", "minified/index.js", "minified/slim.js"].map((file) => join(built, file));
  const script = fileURLToPath(new URL("../../xtask/sizes.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...files, "--json"]);
  return JSON.parse(stdout);
}
