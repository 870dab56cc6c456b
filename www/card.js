import { button, element } from "./element.js";

/** The states of a card, by name. */
export const STATES = { waiting: "Waiting", done: "Done", error: "Error", cancelled: "Cancelled" };

let cardsMade = 0;

/** What cards have in common: a heading, a state, how far it is, a note, trouble, and the buttons that cancel and remove it. */
export class Card {
  #states;
  #status = element("span", { class: "badge", "data-testid": "poll-status" });
  #note = element("p", { class: "note", "data-testid": "poll-note", hidden: true });
  #cancel;

  heading;
  progress = element("progress", { "data-testid": "poll-progress" });
  trouble = element("div");

  /**
   * `states` names the states, of which "waiting" can be cancelled and the others are ends. `subtitle`, `facts` and `contents` are what
   * is shown below the heading, below the progress and at the end.
   */
  constructor(name, { testId = "poll-card", states = STATES, subtitle, facts, contents = [], onCancel, onRemove }) {
    const id = `card-heading-${(cardsMade += 1)}`;
    this.#states = states;
    this.#cancel = button("Cancel", onCancel, { "data-testid": "poll-cancel" });
    this.heading = element("h3", { id, tabindex: "-1", dir: "auto" }, name);
    this.progress.setAttribute("aria-labelledby", id);
    const remove = button("Remove", onRemove, { "data-testid": "poll-remove", class: "quiet" });
    this.node = element(
      "article",
      { class: "panel poll-card", "data-testid": testId, "aria-labelledby": id },
      element("header", { class: "card-header" }, this.heading, this.#status, element("div", { class: "actions" }, this.#cancel, remove)),
      element("p", { class: "card-subtitle" }, ...subtitle),
      this.progress,
      ...facts,
      this.#note,
      this.trouble,
      ...contents,
    );
  }

  get state() {
    return this.node.dataset.state;
  }

  setState(state) {
    const isOver = state !== "waiting";
    const cancelHadFocus = document.activeElement === this.#cancel;
    this.#status.dataset.state = state;
    this.#status.textContent = this.#states[state];
    this.node.dataset.state = state;
    this.#cancel.hidden = isOver;
    // A hidden button would drop the keyboard to the top of the page.
    if (cancelHadFocus && isOver) (this.trouble.querySelector("button") ?? this.heading).focus();
    if (!isOver) this.progress.removeAttribute("value");
    else if (!this.progress.hasAttribute("value")) this.progress.value = 0;
  }

  focusCancel() {
    this.#cancel.focus();
  }

  say(text) {
    if (this.#note.textContent !== text) this.#note.textContent = text;
    this.#note.hidden = text === "";
  }
}

/** Terms and what they are at present. */
export function facts(terms) {
  return element("dl", { class: "clock" }, ...Object.entries(terms).flatMap(([term, node]) => [element("dt", {}, term), node]));
}
