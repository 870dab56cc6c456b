import { DurablePoll } from "./durable-poll.js";
import { button, element, setText } from "./element.js";
import { countsText } from "./field-model.js";
import { FileList } from "./file-list.js";
import { KINDS, kindOf } from "./kinds.js";
import { RawResults } from "./raw-results.js";

const STATE_TEXTS = { waiting: "Waiting", done: "Done", error: "Error", cancelled: "Cancelled" };
let cardsMade = 0;

/** A batch left to the server: how far it is, and its results once the server keeps them. Closing the page ends nothing. */
export class DurableCard {
  #wanted;
  #page;
  #poll;
  #started;
  #stopWatching = () => {};

  #heading = element("h3", { tabindex: "-1", dir: "auto" });
  #status = element("span", { class: "badge", "data-testid": "poll-status" });
  #subtitle = element("p", { class: "card-subtitle" });
  #progress = element("progress");
  #counts = element("p", { class: "counts" });
  #attempts = element("dd", {}, "0");
  #note = element("p", { class: "note", "data-testid": "poll-note", hidden: true });
  #documents = element("div");
  #cancel = button("Cancel", () => this.#try(() => this.#cancelPoll()), { "data-testid": "poll-cancel" });

  /** `wanted` is `{ kind, batch }`, or `{ id }` of a poll begun earlier; `page` holds `announce`, `followExtraction`, `onRemove`. */
  constructor(wanted, page) {
    this.#wanted = wanted;
    this.#page = page;
    this.node = this.#build();
  }

  start() {
    const { id, kind, batch } = this.#wanted;
    this.#setState("waiting");
    return this.#try(async () => {
      this.#started = id === undefined ? DurablePoll.start(kind, batch) : Promise.resolve(new DurablePoll(id));
      this.#poll = await this.#started;
      // An EventSource says nothing of why it was refused.
      const status = await this.#poll.status();
      await this.#show(status);
      if (status.settledAt === undefined) this.#stopWatching = this.#poll.watch((status) => this.#try(() => this.#show(status)));
    });
  }

  /** The server may not have answered yet that it has begun. */
  async #cancelPoll() {
    await (await this.#started).cancel();
  }

  #build() {
    const headingId = `durable-heading-${(cardsMade += 1)}`;
    const remove = button("Remove", () => this.#remove(), { "data-testid": "poll-remove", class: "quiet" });
    this.#heading.id = headingId;
    this.#heading.textContent = this.#wanted.batch?.batchId ?? this.#wanted.id;
    this.#progress.setAttribute("aria-labelledby", headingId);
    return element(
      "article",
      { class: "panel poll-card", "data-testid": "poll-card", "aria-labelledby": headingId },
      element("header", { class: "card-header" }, this.#heading, this.#status, element("div", { class: "actions" }, this.#cancel, remove)),
      this.#subtitle,
      this.#progress,
      this.#counts,
      element("dl", { class: "clock" }, element("dt", {}, "Poll attempts"), this.#attempts),
      this.#note,
      this.#documents,
    );
  }

  async #show({ batch, state, outcome, counts, attempts, error, deliveryError, fault, settledAt }) {
    const kind = kindOf(batch);
    setText(this.#heading, batch.batchId);
    const again = element("a", { href: this.#poll.address }, "watch it again later");
    this.#subtitle.replaceChildren(`${KINDS[kind].name} · left to the server: `, again);
    this.#attempts.textContent = String(attempts);
    this.#showCounts(counts ?? { total: 0, failed: 0, pending: 0 });
    this.#say(error?.message ?? deliveryError ?? fault ?? "");
    if (settledAt === undefined) return;
    if (state === "cancelled") return this.#end("cancelled");
    if (state !== "delivered" || outcome !== "done") return this.#end("error");
    const { results } = await this.#poll.results();
    this.#showResults(kind, results);
    this.#end("done");
  }

  #showCounts(counts) {
    const text = countsText(counts);
    if (counts.total > 0) {
      this.#progress.max = counts.total;
      this.#progress.value = counts.total - counts.pending;
    }
    setText(this.#counts, text);
  }

  #showResults(kind, results) {
    const files = new FileList(kind, this.#page.followExtraction);
    const raw = new RawResults(results.batchId, this.#page.announce);
    raw.show(results);
    files.show(results.files);
    this.#documents.replaceChildren(raw.node, files.node);
  }

  #end(state) {
    if (this.node.dataset.state === state) return;
    this.#setState(state);
    if (!this.#progress.hasAttribute("value")) this.#progress.value = 0;
    this.#page.announce(`${this.#heading.textContent}: ${STATE_TEXTS[state].toLowerCase()}.`);
  }

  #setState(state) {
    const cancelHadFocus = document.activeElement === this.#cancel;
    this.#status.dataset.state = state;
    this.#status.textContent = STATE_TEXTS[state];
    this.node.dataset.state = state;
    this.#cancel.hidden = state !== "waiting";
    if (cancelHadFocus) this.#heading.focus();
  }

  #say(text) {
    setText(this.#note, text);
    this.#note.hidden = text === "";
  }

  /** What the server refuses is shown in its words. */
  async #try(act) {
    try {
      await act();
    } catch (error) {
      this.#say(error.message);
      this.#end("error");
    }
  }

  #remove() {
    this.#stopWatching();
    this.#page.onRemove();
  }
}
