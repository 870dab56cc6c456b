// What is in the tarball, and what its package.json promises.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { runNode } from "./child.mjs";

const require = createRequire(import.meta.url);
const manifest = require("extracta-wasm/package.json");
const folder = dirname(require.resolve("extracta-wasm/package.json"));

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"));

/** The entry points that can be required. */
const required = Object.keys(manifest.exports).filter((name) => name !== "." && manifest.exports[name].require).map((name) => name.slice(2));

test("the tarball holds dist, pages of docs, README.md, LICENSE, package.json and a folder for each entry point, and nothing else", () => {
  const beside = files.filter((file) => !file.startsWith("dist/") && !/^docs\/(recipes\/)?[a-z-]+\.md$/.test(file));
  assert.deepEqual(beside.toSorted(), ["LICENSE", "README.md", "package.json", ...required.map((name) => `${name}/package.json`)].toSorted());
  assert.ok(files.length > beside.length);
});

test("every entry point names its types first, and every file it names is there", () => {
  const named = [];
  const visit = (target) => {
    if (typeof target === "string") return named.push(target);
    const conditions = Object.keys(target);
    const choosesCode = conditions.includes("default") && typeof target.default === "string";
    if (choosesCode) assert.equal(conditions[0], "types", JSON.stringify(target));
    if (conditions.includes("default")) assert.equal(conditions.at(-1), "default", JSON.stringify(target));
    Object.values(target).forEach(visit);
  };
  Object.values(manifest.exports).forEach(visit);
  for (const member of ["main", "module", "types"]) if (manifest[member]) named.push(manifest[member]);
  assert.ok(named.length >= 4);
  for (const file of named) assert.ok(existsSync(join(folder, file)), file);
});

test("a resolver that does not read exports finds each entry point in a folder of its name", () => {
  assert.ok(required.length >= 4);
  for (const name of required) {
    const { main, module, types, sideEffects } = require(join(folder, name, "package.json"));
    const [found, expected] = [[module, main, types], [manifest.exports[`./${name}`].import.default, manifest.exports[`./${name}`].require.default, manifest.exports[`./${name}`].require.types]];
    assert.deepEqual(found.map((file) => join(folder, name, file)), expected.map((file) => join(folder, file)));
    assert.equal(sideEffects, false);
    assert.equal(require(join(folder, name)), require(`extracta-wasm/${name}`));
  }
});

// A bundle's conditions, and what it makes of the default entry.
const CONDITIONS = [
  [["workerd", "worker", "browser"], "workerd.js", "wrangler, @cloudflare/vite-plugin"],
  [["edge-light"], "edge-light.js", "Next"],
  [["wintercg", "worker", "web", "browser", "workerd", "edge-light", "netlify"], "index.js", "Nitro without wasm, which knows no .wasm imports"],
  [["wintercg", "worker", "web", "browser", "workerd", "edge-light", "netlify", "wasm", "unwasm"], "edge-light.js", "Nitro with wasm"],
  [["browser"], "index.js", "web pages"],
];

for (const [conditions, expected, who] of CONDITIONS) {
  test(`${who} get ${expected}`, async () => {
    const flags = conditions.map((condition) => `--conditions=${condition}`);
    const { stdout, stderr } = await runNode('console.log(import.meta.resolve("extracta-wasm"));', { flags });
    assert.equal(stdout.split("/").at(-1), expected, stderr);
  });
}

const EXPORTS = {
  "extracta-wasm": ["ExtractaClient", "ExtractaError", "isExtractaError", "isProcessed"],
  "extracta-wasm/slim": ["ExtractaClient", "ExtractaError", "init", "isExtractaError", "isProcessed"],
  "extracta-wasm/webhooks": ["WebhookError", "WebhookReceiver", "isWebhookError", "verifyDelivery", "verifyWebhook"],
  "extracta-wasm/origin": ["originPacing"],
  "extracta-wasm/redis": ["redisPacing"],
  "extracta-wasm/testing": ["done", "failing", "fakeApi", "resetLanes", "unreachable", "waiting"],
};

for (const [entry, expected] of Object.entries(EXPORTS)) {
  test(`import and require of ${entry} resolve to different files, with the same exports`, async () => {
    const imported = fileURLToPath(import.meta.resolve(entry));
    const required = require.resolve(entry);
    assert.notEqual(imported, required);
    const names = (module) => Object.keys(module).filter((name) => !["default", "module.exports", "__esModule"].includes(name));
    assert.deepEqual(names(await import(entry)).toSorted(), expected);
    assert.deepEqual(names(require(entry)).toSorted(), expected);
  });

  test(`Node finds the names of the CommonJS file of ${entry} in an import as well`, async () => {
    const [name] = expected;
    assert.equal((await import(require.resolve(entry)))[name], require(entry)[name]);
  });
}

test("no file loads another on the way, runs text, or names what a bundler would bring along", () => {
  const scripts = files.filter((file) => /\.c?js$/.test(file) && file !== "dist/cloudflare.js");
  assert.ok(scripts.length >= 10);
  for (const file of scripts) {
    const code = readFileSync(join(folder, file), "utf8").replace(/^\s*\/\/.*$/gm, "");
    // Service workers and extensions allow no import() and no text as code; `window` and `document` are not everywhere.
    for (const forbidden of [/\bimport\s*\(/, /(?<![.\w])eval\s*\(/, /\bnew Function\b/, /(?<!\.)\bBuffer\b/, /\bdocument\./, /\bwindow\./, /\bprocess\./]) {
      assert.doesNotMatch(code, forbidden, file);
    }
  }
});

test("installing it runs no script and brings nothing else", () => {
  for (const name of ["preinstall", "install", "postinstall", "prepare"]) assert.equal(manifest.scripts?.[name], undefined, name);
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) assert.deepEqual(manifest[kind] ?? {}, {}, kind);
});

test("no file of the machine that built it is named, in the wasm neither", () => {
  for (const file of files) {
    const content = readFileSync(join(folder, file), "latin1");
    for (const home of [homedir(), "/home/", "/Users/", "\\Users\\"]) {
      assert.ok(!content.includes(home), `${file} holds ${content.slice(content.indexOf(home)).match(/^[ -~]{1,100}/)}`);
    }
  }
});

test("the wasm inside the bundles is the wasm of the package", async () => {
  const compiled = [];
  const { Module } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [bytes]) {
      compiled.push(Buffer.from(bytes));
      return new target(bytes);
    },
  });
  try {
    for (const copy of [await import("extracta-wasm"), require("extracta-wasm")]) new copy.ExtractaClient({});
  } finally {
    WebAssembly.Module = Module;
  }
  const wasm = readFileSync(require.resolve("extracta-wasm/extracta_wasm.wasm"));
  assert.deepEqual(compiled.map((bytes) => bytes.equals(wasm)), [true, true]);
});
