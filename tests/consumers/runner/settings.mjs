// What `cargo xtask test consumers` passes through the environment.
import { existsSync, readFileSync } from "node:fs";
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

/** The same, for an app with a package.json of its own: npm installs for it alone what it has in another version than the rest. */
export function installedFor(app, ...path) {
  const own = join(scratch, app, "node_modules", ...path);
  return existsSync(own) ? own : installed(...path);
}

/** The version of an installed package, of the one that an app has if that is named. */
export function versionOf(name, app = "") {
  return JSON.parse(readFileSync(installedFor(app, name, "package.json"), "utf8")).version;
}
