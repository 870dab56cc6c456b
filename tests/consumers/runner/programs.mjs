// The programs that npm packages bring, in a package of their own for each platform.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Missing } from "./missing.mjs";
import { installed } from "./settings.mjs";

const EXE = process.platform === "win32" ? ".exe" : "";

/** The Node of a major version. */
export function node(major) {
  const program = installed(`node-${major}-${process.platform}-${process.arch}`, "bin", `node${EXE}`);
  return existsSync(program) ? program : missing(`Node ${major}`);
}

/** What npm installed of a scope whose packages are one program for different platforms. */
export async function ofScope(scope, path, name) {
  for (const platform of await readdir(installed(scope)).catch(() => [])) {
    const program = installed(scope, platform, `${path}${EXE}`);
    if (existsSync(program)) return program;
  }
  return missing(name);
}

function missing(name) {
  throw new Missing(`npm offers no ${name} for ${process.platform} ${process.arch}`);
}

/** The runtime of Cloudflare Workers. */
export const workerd = () => ofScope("@cloudflare", join("bin", "workerd"), "workerd");

export const deno = () => ofScope("@deno", "deno", "Deno");
