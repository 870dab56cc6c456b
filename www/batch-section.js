import { element, setText } from "./element.js";
import { LiveList } from "./live-list.js";

const PAGE_SIZE = 20;

/** Batches that are alike, as a list under a heading that counts them. Only rows that are seen exist. */
export class BatchSection {
  #title;
  #heading = element("h4", { tabindex: "-1" });
  #live = new LiveList({ listClass: "batches", pageSize: PAGE_SIZE, what: "batches" });
  #rows = new Map();
  #makeRow;

  /** `makeRow` makes of an entry an object with a `node`, and with `update()` if it changes. */
  constructor(title, name, makeRow) {
    this.#title = title;
    this.#makeRow = makeRow;
    const attributes = { class: "batch-section", "data-testid": `batches-${name}`, hidden: true };
    this.node = element("section", attributes, this.#heading, this.#live.node);
  }

  rename(title) {
    this.#title = title;
  }

  show(entries) {
    const hadFocus = this.#live.node.contains(document.activeElement);
    this.node.hidden = entries.length === 0;
    setText(this.#heading, `${this.#title} (${entries.length})`);
    this.#live.show(entries, (visible) => {
      const before = this.#rows;
      this.#rows = new Map(visible.map((entry) => [entry.index, before.get(entry.index) ?? this.#makeRow(entry)]));
      return [...this.#rows.values()].map(({ node }) => node);
    });
    // The row that had the keyboard may be in the other list now.
    if (hadFocus && !this.#live.node.contains(document.activeElement)) this.#heading.focus();
  }

  update() {
    for (const row of this.#rows.values()) row.update();
  }
}
