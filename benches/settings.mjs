// What `cargo xtask bench` passes through the environment, besides what tests/consumers/runner/settings.mjs reads.
import { createRequire } from "node:module";
import { cpus, platform } from "node:os";
import { versionOf } from "../tests/consumers/runner/settings.mjs";
import { launch } from "../xtask/chromium.mjs";

function setting(variable, meaning) {
  const value = process.env[variable];
  if (!value) throw new Error(`Set ${variable} to ${meaning}, or run \`cargo xtask bench\`.`);
  return value;
}

/** The stand-in without a floor: it judges nothing, it logs arrivals. */
export const standin = setting("EXTRACTA_STANDIN_URL", "the address of a running stand-in, http://127.0.0.1:PORT say");
export const chromium = setting("CHROMIUM", "the path of a Chromium");
/** Where `cargo xtask build` bundled the package. */
export const built = setting("EXTRACTA_BUILT", "the folder in which `cargo xtask build` bundled the package");
/** What `cargo bench --bench=scheduling -- --json FILE` wrote. */
export const scheduling = setting("EXTRACTA_SCHEDULING", "the file that the scheduling benchmark wrote");

/** What was measured, and in what. */
export async function versions() {
  const { version } = packageAt("../pkg/npm/package.json");
  const { axios, ky } = packageAt("../xtask/package.json").devDependencies;
  const { devDependencies: polling } = packageAt("./package.json");
  return {
    "extracta-wasm": version,
    Node: process.versions.node,
    Chromium: await chromiumVersion(),
    workerd: versionOf("workerd"),
    axios,
    ky,
    ...polling,
  };
}

function packageAt(file) {
  return createRequire(import.meta.url)(file);
}

async function chromiumVersion() {
  const browser = await launch(chromium);
  try {
    return browser.version();
  } finally {
    await browser.close();
  }
}

/** What kind of machine this is. */
export function machine() {
  const [{ model }] = cpus();
  const family = /Xeon|EPYC|Ryzen|Core|Apple M\d+|Neoverse|Threadripper/.exec(model)?.[0] ?? "unknown";
  const systems = { linux: "Linux", darwin: "macOS", win32: "Windows" };
  return { cpus: cpus().length, processor: family, architecture: process.arch, system: systems[platform()] ?? platform() };
}
