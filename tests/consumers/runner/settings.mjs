// What `cargo xtask test consumers` tells through the environment.
import { createRequire } from "node:module";
import { join } from "node:path";

export function setting(variable, meaning) {
  const value = process.env[variable];
  if (!value) throw new Error(`Set ${variable} to ${meaning}, or run \`cargo xtask test consumers\`.`);
  return value;
}

/** A folder outside the repository, with the packages of package.json installed. */
export const scratch = setting("EXTRACTA_CONSUMERS", "a folder into which the packages of tests/consumers are installed");
export const tarball = setting("EXTRACTA_TARBALL", "the tarball that `npm pack` makes of pkg/npm");

/** A file of an installed package, by its path in node_modules. */
export function installed(...path) {
  return join(scratch, "node_modules", ...path);
}

/** The version of an installed package. */
export function versionOf(name) {
  return createRequire(import.meta.url)(installed(name, "package.json")).version;
}
