// Looks for dead links: to files and headings that are not there. Addresses elsewhere are not asked, only read.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { remark } from "remark";
import remarkGfm from "remark-gfm";
import remarkValidateLinks from "remark-validate-links";
import { engine } from "unified-engine";
import { visit } from "unist-util-visit";

/** What is wrong with the links of Markdown files, a line each; `files` are relative to `root`, which no link may leave. */
export async function deadLinks(root, files) {
  let report = "";
  const stream = new Writable({ write: (text, _, done) => ((report += text), done()) });
  const settings = { root, repository: false };
  await new Promise((resolve, reject) =>
    engine(
      {
        processor: remark(),
        plugins: [remarkGfm, leadsSomewhere, [remarkValidateLinks, settings]],
        files,
        cwd: root,
        output: false,
        streamOut: new Writable({ write: (_chunk, _, done) => done() }),
        streamError: stream,
        reporter: (reported) => JSON.stringify(reported.map(({ path, messages }) => ({ path, messages: messages.map(String) }))),
      },
      (error) => (error ? reject(error) : resolve()),
    ),
  );
  return JSON.parse(report).flatMap(({ messages }) => messages);
}

/** An address elsewhere is an https URL with a host; one of this place is relative. */
function leadsSomewhere() {
  return (tree, file) => {
    visit(tree, ["link", "image", "definition"], (node) => {
      const url = node.url;
      if (/^[a-z][a-z0-9+.-]*:/i.test(url) && !(URL.canParse(url) && new URL(url).protocol === "https:")) {
        file.message(`${url} is no https address`, node);
      } else if (url === "" || url.startsWith("/")) {
        file.message(`"${url}" leads nowhere: links are relative to their file`, node);
      }
    });
  };
}

/** The Markdown files in a folder and those below it, as paths from `root`. */
export async function markdownIn(root, folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md") && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
