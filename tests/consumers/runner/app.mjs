// An app as its author has it: a folder of its own, and the real tarball in its node_modules.
import { cp, mkdir, mkdtemp, readdir, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./program.mjs";
import { scratch, tarball } from "./settings.mjs";

/**
 * A fresh copy of tests/consumers/NAME, below the folder where the tools are installed: there it finds them. What its own
 * package.json names in another version than the rest has, npm installed for it alone: that of `installedFor`.
 */
export async function freshApp(t, name, installedFor = name) {
  const apps = join(scratch, "apps");
  await mkdir(apps, { recursive: true });
  const app = await mkdtemp(join(apps, `${basename(name)}-`));
  await cp(fileURLToPath(new URL(`../${name}`, import.meta.url)), app, { recursive: true });
  const target = join(app, "node_modules", "extracta-wasm");
  await mkdir(target, { recursive: true });
  await run(t, "tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  await linkAll(join(scratch, installedFor, "node_modules"), join(app, "node_modules"));
  return app;
}

/** Links the packages of a node_modules folder, if there is one, into another. */
async function linkAll(from, to) {
  for (const entry of await readdir(from).catch(() => [])) {
    if (entry.startsWith("@")) {
      await mkdir(join(to, entry), { recursive: true });
      await linkAll(join(from, entry), join(to, entry));
    } else if (!entry.startsWith(".")) await symlink(join(from, entry), join(to, entry), "junction");
  }
}
