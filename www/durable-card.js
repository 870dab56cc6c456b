import { Card, STATES, facts } from "./card.js";
import { DurablePoll } from "./durable-poll.js";
import { element, setText } from "./element.js";
import { countsText } from "./field-model.js";
import { FileList } from "./file-list.js";
import { KINDS, kindOf } from "./kinds.js";
import { RawResults } from "./raw-results.js";

/** A batch left to the server: how far it is, and its results once the server keeps them. Closing the page ends nothing. */
export class DurableCard {
  #wanted;
  #page;
  #poll;
  #started;
  #stopWatching = () => {};

  #card;
  #subtitle = element("span");
  #counts = element("p", { class: "counts" });
  #attempts = element("dd", {}, "0");
  #documents = element("div");

  /** `wanted` is `{ kind, batch }`, or `{ id }` of a poll begun earlier; `page` holds `announce`, `followExtraction`, `onRemove`. */
  constructor(wanted, page) {
    this.#wanted = wanted;
    this.#page = page;
    this.#card = new Card(wanted.batch?.batchId ?? wanted.id, {
      subtitle: [this.#subtitle],
      facts: [this.#counts, facts({ "Poll attempts": this.#attempts })],
      contents: [this.#documents],
      onCancel: () => this.#try(() => this.#cancelPoll()),
      onRemove: () => this.#remove(),
    });
    this.node = this.#card.node;
  }

  start() {
    const { id, kind, batch } = this.#wanted;
    this.#card.setState("waiting");
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

  async #show({ batch, state, outcome, counts, attempts, error, deliveryError, fault, settledAt }) {
    const kind = kindOf(batch);
    setText(this.#card.heading, batch.batchId);
    const again = element("a", { href: this.#poll.address }, "watch it again later");
    this.#subtitle.replaceChildren(`${KINDS[kind].name} · left to the server: `, again);
    this.#attempts.textContent = String(attempts);
    this.#showCounts(counts ?? { total: 0, failed: 0, pending: 0 });
    this.#card.say(error?.message ?? deliveryError ?? fault ?? "");
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
      this.#card.progress.max = counts.total;
      this.#card.progress.value = counts.total - counts.pending;
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
    if (this.#card.state === state) return;
    this.#card.setState(state);
    this.#page.announce(`${this.#card.heading.textContent}: ${STATES[state].toLowerCase()}.`);
  }

  /** What the server refuses is shown in its words. */
  async #try(act) {
    try {
      await act();
    } catch (error) {
      this.#card.say(error.message);
      this.#end("error");
    }
  }

  #remove() {
    this.#stopWatching();
    this.#page.onRemove();
  }
}
