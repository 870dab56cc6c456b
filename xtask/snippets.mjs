// The code blocks of Markdown pages. What stands behind a block's language says what it is, and is not shown to readers:
//
//     ```ts file=use-batch.ts        a file that others import
//     ```js run=node                 a program that ends well; further words are in tests/docs/README.md
//
// As a program it writes the TypeScript blocks of a page into a folder, for the compiler.
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { fromMarkdown } from "mdast-util-from-markdown";

/** The blocks of a page in order: language, options, code, and the line on which each begins. */
export async function blocksOf(page) {
  const found = [];
  const visit = ({ type, lang, meta, value, position, children = [] }) => {
    if (type === "code") found.push({ language: lang ?? "", options: optionsOf(meta ?? ""), code: `${value}\n`, line: position.start.line });
    children.forEach(visit);
  };
  visit(fromMarkdown(await readFile(page, "utf8")));
  return found;
}

/** `name=value` each, with a value in quotation marks where it has spaces; a name alone is true. */
function optionsOf(meta) {
  const words = [...meta.matchAll(/([\w-]+)(?:=(?:"([^"]*)"|(\S+)))?/g)];
  return Object.fromEntries(words.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? true]));
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const [page, folder] = argv.slice(2);
  const blocks = (await blocksOf(page)).filter(({ language }) => language === "ts");
  if (blocks.length === 0) throw new Error(`${page} has no TypeScript`);
  const name = basename(page, ".md").toLowerCase();
  await Promise.all(blocks.map(({ code, line }) => writeFile(join(folder, `${name}-line-${line}.mts`), code)));
}
