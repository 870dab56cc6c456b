// The TypeScript of an app, as its author's compiler sees it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../consumers/runner/program.mjs";

const compiler = fileURLToPath(new URL("../../../xtask/node_modules/typescript/bin/tsc", import.meta.url));

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  target: "es2022",
  lib: ["es2024", "esnext.disposable", "dom", "dom.iterable"],
  module: "esnext",
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  jsx: "react-jsx",
  types: ["node"],
  skipLibCheck: true,
  noEmit: true,
};

export async function compile(t, app) {
  await writeFile(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS, include: ["**/*.ts", "**/*.mts", "**/*.tsx"], exclude: ["node_modules"] }));
  await run(t, process.execPath, [compiler, "--pretty", "false"], { cwd: app });
}
