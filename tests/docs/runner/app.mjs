// The app that a page's blocks are: a folder with the packed package, the files that blocks name, and what apps/PAGE adds.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../consumers/runner/program.mjs";
import { setting, tarball } from "../../consumers/runner/settings.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const scratch = setting("EXTRACTA_DOCS", "an empty folder for the apps that pages of documentation are");

/** README.md and all below docs, by name. */
export async function pages() {
  const found = [{ path: join(root, "README.md"), name: "README.md" }];
  for (const file of await readdir(join(root, "docs"), { recursive: true })) {
    if (!file.endsWith(".md")) continue;
    const name = `docs/${file.split(sep).join("/")}`;
    found.push({ path: join(root, name), name });
  }
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

/** The page's app. Test files that run at the same time each need a folder of their own, `suffix` in its name. */
export async function appOf(page, blocks, suffix = "") {
  const name = page.name.replace(/^docs\//, "").replace(/\.md$/, "").toLowerCase();
  const overlay = join(here, "apps", name);
  const folder = join(scratch, `${name.replaceAll("/", "-")}${suffix}`);
  const files = new Map();
  const names = new Map();
  for (const block of blocks) {
    const { file, run } = block.options;
    if (!file && (!run || run === "no")) continue;
    const suffix = ["vitest", "jest", "node:test"].includes(run) ? ".test" : "";
    const own = file ?? `line-${block.line}${suffix}.${block.language}`;
    if (files.has(own)) throw new Error(`${page.name} has two blocks with file=${own}`);
    files.set(own, block.code);
    names.set(block, own);
  }
  let making;
  return {
    overlay: existsSync(overlay),
    hasTypeScript: [...files.keys()].some((file) => /\.[mc]?tsx?$/.test(file)),
    fileOf: (block) => names.get(block),
    /** Makes it, once for all tests of the page. */
    ready: (t) => (making ??= make(t, folder, files, existsSync(overlay) && overlay)),
  };
}

async function make(t, folder, files, overlay) {
  await rm(folder, { recursive: true, force: true });
  const target = join(folder, "node_modules", "extracta-wasm");
  await mkdir(target, { recursive: true });
  await run(t, "tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  await linkPackages();
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const [file, code] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  if (overlay) await cp(overlay, folder, { recursive: true });
  return folder;
}

/** Above all apps: there they find the packages of tests/docs/package.json. */
async function linkPackages() {
  await symlink(join(here, "node_modules"), join(scratch, "node_modules"), "junction").catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
}
