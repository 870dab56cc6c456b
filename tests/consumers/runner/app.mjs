// An app as its author has it: a folder of its own, and the real tarball in its node_modules.
import { cp, mkdir, mkdtemp } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./program.mjs";
import { scratch, tarball } from "./settings.mjs";

/** A fresh copy of tests/consumers/NAME, below the folder where the tools are installed: there it finds them. */
export async function freshApp(t, name) {
  const apps = join(scratch, "apps");
  await mkdir(apps, { recursive: true });
  const app = await mkdtemp(join(apps, `${basename(name)}-`));
  await cp(fileURLToPath(new URL(`../${name}`, import.meta.url)), app, { recursive: true });
  const target = join(app, "node_modules", "extracta-wasm");
  await mkdir(target, { recursive: true });
  await run(t, "tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  return app;
}
