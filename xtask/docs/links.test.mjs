// No link of the documentation is dead, in the repository and in both packages.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { deadLinks, markdownIn } from "./links.mjs";

const root = resolve(import.meta.dirname, "../..");

test("no link of README.md, CONTRIBUTING.md, CHANGELOG.md, docs and the Worker's page is dead", async () => {
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "www/worker/README.md", ...(await markdownIn(root, "docs"))];
  assert.deepEqual(await deadLinks(root, pages), []);
});

for (const [name, folder] of [["npm package", process.env.EXTRACTA_NPM_PACKAGE], ["crate", process.env.EXTRACTA_CRATE]]) {
  test(`no link of the packed ${name} is dead`, async () => {
    const pages = await markdownIn(folder, ".");
    assert.ok(pages.length > 0);
    assert.deepEqual(await deadLinks(folder, pages), []);
  });
}

test("each kind of dead link is found, and a good one is not", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "links-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "other.md"), "# Other\n\n## Part one\n");
  const kinds = {
    "[good](other.md#part-one), [own](#top), [elsewhere](https://extracta.ai)": undefined,
    "[file](missing.md)": /Cannot find file `missing.md`/,
    "[heading](other.md#part-two)": /Cannot find heading for `#part-two`/,
    "[own heading](#nowhere)": /Cannot find heading for `#nowhere`/,
    "![picture](missing.svg)": /Cannot find file `missing.svg`/,
    "[out](../elsewhere.md)": /Cannot find file/,
    "[unsafe](http://extracta.ai)": /no https address/,
    "[absolute](/docs/errors.md)": /leads nowhere/,
    "[nothing]()": /leads nowhere/,
  };
  for (const [text, expected] of Object.entries(kinds)) {
    await writeFile(join(folder, "page.md"), `# Top\n\n${text}\n`);
    const found = await deadLinks(folder, ["other.md", "page.md"]);
    if (expected) assert.match(found.join("\n"), expected, text);
    else assert.deepEqual(found, []);
  }
});
