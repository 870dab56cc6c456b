// The READMEs: what each package's users read, and that all of it comes from README.md and docs.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { remark } from "remark";
import remarkGfm from "remark-gfm";
import { visit } from "unist-util-visit";
import { markdownIn } from "./links.mjs";
import { crateReadme, npmPage, npmReadme, sectionsOf, written } from "./readmes.mjs";

const root = resolve(import.meta.dirname, "../..");
const npm = process.env.EXTRACTA_NPM_PACKAGE;
const read = (path) => readFile(join(root, path), "utf8");
const nodesOf = (text, type) => {
  const found = [];
  visit(remark().use(remarkGfm).parse(text), type, (node) => void found.push(node));
  return found;
};

test("README.md has at most 180 lines, says that it is unofficial, and links to every page of docs", async () => {
  const text = await read("README.md");
  assert.ok(text.trimEnd().split("\n").length <= 180);
  assert.match(text.split("\n").slice(0, 8).join("\n"), /Unofficial: not affiliated with Extracta\.ai/);
  const links = nodesOf(text, "link").map(({ url }) => url.split("#")[0]);
  for (const page of await markdownIn(root, "docs")) {
    assert.ok(links.some((link) => page === link || (link.endsWith("/") && page.startsWith(link))), `${page} is not linked`);
  }
});

test("the packed READMEs and pages are what README.md and docs say", async () => {
  const files = await written(root);
  for (const [path, text] of files) {
    const packed = path.startsWith("pkg/npm/") ? join(npm, path.slice("pkg/npm/".length)) : join(process.env.EXTRACTA_CRATE, path);
    assert.equal(await readFile(packed, "utf8"), text, `${path} is stale: run \`cargo xtask build\``);
  }
  const packed = (await markdownIn(npm, "docs")).length;
  assert.equal(packed, [...files.keys()].filter((path) => path.startsWith("pkg/npm/docs/")).length);
});

test("the packages' READMEs have no relative link and no picture; the pages that the npm one names are in it", async () => {
  for (const [folder, path] of [[npm, "README.md"], [process.env.EXTRACTA_CRATE, "pkg/crate/README.md"]]) {
    const text = await readFile(join(folder, path), "utf8");
    assert.deepEqual(nodesOf(text, "image"), []);
    for (const { url } of nodesOf(text, "link")) assert.match(url, /^https:/, path);
    for (const [, page] of text.matchAll(/`(docs\/[^`]+)`/g)) assert.ok(existsSync(join(folder, page)), page);
  }
});

test("what the npm package brings speaks of neither cargo nor the Rust client", async () => {
  for (const page of await markdownIn(npm, ".")) {
    const text = await readFile(join(npm, page), "utf8");
    assert.doesNotMatch(text, /cargo|```rust|crates\.io/, `${page}: put <!-- in the repository only --> before the paragraph`);
  }
});

test("each Rust snippet of the documentation is in the crate's README, whose snippets are compiled by its tests", async () => {
  const compiled = await read("pkg/crate/README.md");
  for (const page of ["README.md", ...(await markdownIn(root, "docs"))]) {
    for (const { lang, value } of nodesOf(await read(page), "code")) {
      if (lang === "rust") assert.ok(compiled.includes(value), `${page}: ${value}`);
    }
  }
});

test("in a README for npm a page is named by its path, and what is for others is left out", () => {
  const readme = [
    "# Title\n\nSee [errors](docs/errors.md#codes) and [design](docs/design.md), at [home](https://extracta.ai).\n",
    "## Use\n\n```js\n// [kept](docs/errors.md)\n```\n\n![picture](docs/a.svg)\n\n<!-- in the repository only -->\n\nBy `cargo`.\n",
    "## From Rust\n\nText.\n",
    "## Try it\n\nText.\n",
  ].join("\n");
  const text = npmReadme(readme, new Map([["docs/errors.md", "# Errors\n"]]));
  assert.ok(text.includes("See errors (`docs/errors.md`) and design, at [home](https://extracta.ai)."), text);
  assert.ok(text.includes("// [kept](docs/errors.md)") && text.includes("- Errors: `docs/errors.md`"), text);
  assert.doesNotMatch(text, /picture|cargo|Rust|Try it|repository/);
});

test("in a page for npm links to other pages of it stay", () => {
  const pages = new Map([["docs/a.md", ""], ["docs/recipes/b.md", ""]]);
  const links = "[a](../a.md), [b](b.md#c), [all](../recipes/), [design](../design.md), [here](#here)";
  assert.equal(npmPage("docs/recipes/b.md", `${links}\n`, pages), "[a](../a.md), [b](b.md#c), [all](../recipes/), design, [here](#here)\n");
});

test("the crate's README begins as README.md does and goes on with Rust", () => {
  const text = crateReadme("# Name\n\nFirst.\n\n## More\n\nNo.\n", "# Rust\n\nAbout.\n\n## Use\n\n[Why](why.md).\n", "# P\n\n## Lanes\n\nPaced.\n");
  assert.match(text, /# Name\n\nFirst\.\n\nAbout\.\n\n## Use\n\nWhy\.\n\n## Lanes\n\nPaced\.\n\n## License/);
});

test("a page is cut at its headings of the second level, not at lines of code that look like them", () => {
  const sections = sectionsOf("# A\n\nx\n\n## B\n\n```sh\n## no heading\n```\n\n### C\n\n## D\n");
  assert.deepEqual(sections.map(({ title }) => title), [undefined, "B", "D"]);
});
