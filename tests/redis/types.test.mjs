// What the Redis clients' own types say fits what redisPacing takes.
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freshApp } from "../consumers/runner/app.mjs";
import { run } from "../consumers/runner/program.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

test("the clients of redis and ioredis are what redisPacing takes, to TypeScript", async (t) => {
  const app = await freshApp(t, "../redis/types");
  for (const name of ["redis", "ioredis"]) await symlink(here(`node_modules/${name}`), join(app, "node_modules", name), "junction");
  await mkdir(join(app, "node_modules/@types"), { recursive: true });
  const compilerOptions = { strict: true, noEmit: true, module: "nodenext", target: "es2022", lib: ["es2022", "esnext.disposable", "dom"], types: [], skipLibCheck: true };
  await writeFile(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["clients.mts"] }));
  await run(t, process.execPath, [here("../../xtask/node_modules/typescript/bin/tsc"), "--project", app]);
});
