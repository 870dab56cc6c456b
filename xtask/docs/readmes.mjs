// Makes the READMEs of both packages, and the pages that the npm package brings, of README.md and docs.
//
//     node readmes.mjs ROOT
//
// Neither package is on a site where a relative link leads anywhere, so their READMEs have none: a page that comes along is
// named by its path. Between the pages of one folder links stay.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { remark } from "remark";
import remarkGfm from "remark-gfm";
import { visit } from "unist-util-visit";
import { markdownIn } from "./links.mjs";

/** What is about Rust, or about this repository: not for users of the npm package. */
const REPOSITORY_ONLY = ["design", "faults", "measured", "proxy-measured", "rust", "scaling", "size"].map((page) => `docs/${page}.md`);
/** Sections of README.md that are not for them either, or have another text there. */
const NOT_FOR_NPM = ["From Rust", "Documentation", "Try it"];
/** Stands before a block that is left out of the packages. */
const LEFT_OUT = "<!-- in the repository only -->";

const markdown = remark().use(remarkGfm);

/** Everything that is written, by its path from the root. */
export async function written(root) {
  const read = (path) => readFile(join(root, path), "utf8");
  const shipped = (await markdownIn(root, "docs")).filter((page) => !REPOSITORY_ONLY.includes(page));
  const pages = new Map();
  for (const page of shipped) pages.set(page, await read(page));
  const readme = await read("README.md");
  const files = new Map([
    ["pkg/npm/README.md", npmReadme(readme, pages)],
    ["pkg/crate/README.md", crateReadme(readme, await read("docs/rust.md"), await read("docs/pacing.md"))],
  ]);
  for (const [page, text] of pages) files.set(`pkg/npm/${page}`, npmPage(page, text, pages));
  return files;
}

export async function write(root) {
  await rm(join(root, "pkg/npm/docs"), { recursive: true, force: true });
  for (const [path, text] of await written(root)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** README.md for users of JavaScript, with the pages that come along named by their paths. */
export function npmReadme(readme, pages) {
  const sections = sectionsOf(readme).filter(({ title }) => !NOT_FOR_NPM.includes(title));
  const text = sections.map(({ text }) => text).join("");
  const list = [...pages].map(([page, content]) => `- ${titleOf(content)}: \`${page}\``);
  return `${[
    cleaned(text, (page) => (pages.has(page) ? ` (\`${page}\`)` : "")).trim(),
    "## Documentation",
    "These pages are in the package, in `node_modules/extracta-wasm`. The declarations in `dist/*.d.ts` document every option and member.",
    list.join("\n"),
    "## License",
    "MIT",
  ].join("\n\n")}\n`;
}

/** A page as it is, without what leads out of the package. */
export function npmPage(path, text, pages) {
  const leadsTo = (url) => posix.normalize(posix.join(posix.dirname(path), url));
  return cleaned(text, (url) => {
    const page = leadsTo(url);
    return pages.has(page) || [...pages.keys()].some((other) => other.startsWith(page)) ? undefined : "";
  });
}

/** The first words of README.md, docs/rust.md, and how requests are paced. */
export function crateReadme(readme, rust, pacing) {
  const [introduction] = sectionsOf(readme);
  const [about, ...uses] = sectionsOf(rust);
  const lanes = sectionsOf(pacing).find(({ title }) => title === "Lanes");
  const parts = [introduction.text, withoutTitle(about.text), ...uses.map(({ text }) => text), lanes.text];
  const text = parts.map((part) => cleaned(part, () => "").trim()).join("\n\n");
  return `<!-- written by \`cargo xtask build\`, of README.md, docs/rust.md and docs/pacing.md -->\n\n${text}\n\n## License\n\nMIT\n`;
}

/** The parts that headings of the second level begin; the first is what comes before them, and has no title. */
export function sectionsOf(text) {
  const headings = markdown.parse(text).children.filter(({ type, depth }) => type === "heading" && depth === 2);
  const starts = [0, ...headings.map(({ position }) => position.start.offset)];
  return starts.map((start, index) => {
    const section = text.slice(start, starts[index + 1]);
    return { title: index === 0 ? undefined : section.slice(3, section.indexOf("\n")).trim(), text: section };
  });
}

const titleOf = (text) => /^# (.+)$/m.exec(text)[1];
const withoutTitle = (text) => text.replace(/^# .+\n+/, "");

/**
 * Without comments, images and what is for the repository only; of a relative link only its text is left, and what `afterLink` gives
 * for its file. Where that is undefined, the link stays.
 */
function cleaned(text, afterLink) {
  const tree = markdown.parse(text);
  const edits = [];
  const drop = ({ position: { start, end } }) => edits.push([start.offset, end.offset, ""]);
  tree.children.forEach((node, index) => {
    const isComment = node.type === "html" && node.value.startsWith("<!--");
    const follows = tree.children[index - 1];
    const isLeftOut = follows?.type === "html" && follows.value === LEFT_OUT;
    const isPicture = node.type === "paragraph" && node.children.every(({ type }) => type === "image");
    if (isComment || isLeftOut || isPicture) drop(node);
  });
  visit(tree, "link", (link) => {
    const [page, heading] = link.url.split("#");
    if (/^https:/.test(link.url) || (page === "" && heading)) return;
    const after = afterLink(page);
    if (after === undefined) return;
    const inner = text.slice(link.children[0].position.start.offset, link.children.at(-1).position.end.offset);
    edits.push([link.position.start.offset, link.position.end.offset, inner + after]);
  });
  return edited(text, edits).replace(/\n{3,}/g, "\n\n");
}

/** The text with `[from, to, replacement]` in place; what lies within another edit goes with it. */
function edited(text, edits) {
  let [result, at] = ["", 0];
  for (const [from, to, replacement] of edits.toSorted(([one], [other]) => one - other)) {
    if (from < at) continue;
    result += text.slice(at, from) + replacement;
    at = to;
  }
  return result + text.slice(at);
}

if (argv[1] === fileURLToPath(import.meta.url)) await write(argv[2]);
