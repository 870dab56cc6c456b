import { documentLink } from "./document-link.js";
import { button, element } from "./element.js";
import { LiveList } from "./live-list.js";
import { classificationTable, extractionTable } from "./results-table.js";
import { PAGE_SIZE } from "./show-more.js";

const OPEN_AT_FIRST = 3;

/** The files of one batch, each with its status and, once finished, its result. */
export class FileList {
  #live = new LiveList({ listClass: "files", pageSize: PAGE_SIZE, what: "files" });
  #kind;
  #followExtraction;
  #rows = new Map();

  constructor(kind, followExtraction) {
    this.#kind = kind;
    this.#followExtraction = followExtraction;
    this.node = this.#live.node;
  }

  show(files) {
    this.#live.show(files, (visible) => {
      const before = this.#rows;
      this.#rows = new Map();
      return visible.map((file, index) => this.#rowFor(file, index, before));
    });
    this.node.hidden = files.length === 0;
  }

  /**
   * Keeps the row of a file that did not change: a new one would close what a reader opened. Files are distinguished by what
   * they hold, as the API may omit or repeat their ids and change their order.
   */
  #rowFor(file, index, before) {
    const content = JSON.stringify(file);
    let key = content;
    for (let copy = 2; this.#rows.has(key); copy += 1) key = `${content} ${copy}`;
    const node = before.get(key) ?? this.#row(file, index);
    this.#rows.set(key, node);
    return node;
  }

  #row(file, index) {
    const name = String(file.fileName ?? file.fileId ?? `File ${index + 1}`);
    const status = String(file.status);
    const known = ["processed", "failed", "waiting", "processing"].includes(status);
    const row = element(
      "li",
      { class: "file", tabindex: "-1", "data-testid": "file-row", "data-status": status },
      element(
        "p",
        { class: "file-heading" },
        element("span", { class: "file-name", dir: "auto" }, name),
        element("span", { class: "badge", "data-state": known ? status : "unknown" }, status),
      ),
    );
    if (file.error) row.append(element("p", { class: "file-error", dir: "auto" }, String(file.error)));
    if (file.result !== undefined) row.append(this.#result(file, name, index));
    const links = this.#links(file, name);
    if (links.length > 0) row.append(element("p", { class: "file-links" }, ...links));
    return row;
  }

  #result(file, name, index) {
    const table = this.#kind === "classification" ? classificationTable : extractionTable;
    const open = index < OPEN_AT_FIRST || this.#kind === "classification";
    const label = element("span", { class: "visually-hidden" }, ` of ${name}`);
    const view = element("details", { class: "result", open }, element("summary", {}, "Result", label));
    const fill = () => view.childElementCount === 1 && view.append(table(file.result, `Result of ${name}`));
    // Built when opened: a hundred closed tables would cost as much as a hundred open ones.
    if (open) fill();
    else view.addEventListener("toggle", fill, { once: true });
    return view;
  }

  #links(file, name) {
    const links = [];
    if (file.url) links.push(documentLink(file.url, name));
    if (file.extraction?.extractionId && file.extraction?.batchId) {
      const { extractionId, batchId, fileId } = file.extraction;
      const batch = fileId ? { extractionId, batchId, fileId } : { extractionId, batchId };
      const follow = () => this.#followExtraction(batch);
      links.push(button("Poll its extraction", follow, { class: "quiet", "data-testid": "follow-extraction" }));
    }
    return links;
  }
}
