import { button, element } from "./element.js";

/** A list whose items change while it is read: a page of them, and a button for the next. */
export class LiveList {
  #list;
  #more = button("", () => this.#showMore(), { class: "quiet", "data-testid": "show-more" });
  #pageSize;
  #what;
  #shown;
  #showAgain;

  constructor({ listClass, pageSize, what }) {
    this.#list = element("ol", { class: listClass });
    this.#pageSize = pageSize;
    this.#what = what;
    this.#shown = pageSize;
    this.#more.hidden = true;
    this.node = element("div", {}, this.#list, this.#more);
  }

  /** `render` gets the items to be seen and answers with their nodes, the same node for an item that stays. */
  show(items, render) {
    this.#showAgain = () => this.show(items, render);
    const visible = items.slice(0, this.#shown);
    this.#place(render(visible));
    const hidden = items.length - visible.length;
    this.#more.hidden = hidden === 0;
    this.#more.textContent = `Show ${Math.min(this.#pageSize, hidden)} more of ${items.length} ${this.#what}`;
  }

  /** Moves no node that is in order already: a moved node loses the keyboard. */
  #place(nodes) {
    const kept = new Set(nodes);
    for (const node of [...this.#list.children]) if (!kept.has(node)) node.remove();
    nodes.forEach((node, index) => {
      const current = this.#list.children[index] ?? null;
      if (current !== node) this.#list.insertBefore(node, current);
    });
  }

  #showMore() {
    const firstNew = this.#shown;
    this.#shown += this.#pageSize;
    this.#showAgain();
    this.#list.children[firstNew]?.focus();
  }
}
