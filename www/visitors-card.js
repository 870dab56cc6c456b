import { Card, STATES } from "./card.js";
import { element, setText } from "./element.js";
import { SERVED_BY } from "./served-by.js";
import { Visitors, ownBatches, upstreamText } from "./visitors.js";

const TICK_MS = 1_000;

// The stand-in remembers how often it was asked for a batch, and finishes it by that: those of a page loaded anew are to be others.
let batchesMade = 20 + Math.floor(Math.random() * 180);

/** Several visitors at once, each in a Web Worker of its own, on one account: what each of them knows, and what the API saw. */
export class VisitorsCard {
  #page;
  #batches;
  #visitors;
  #workers = [];
  #timer;
  #card;
  #items;
  #sum = element("p", { class: "counts", "data-testid": "visitors-sum" });
  #upstream = element("p", { class: "counts", "data-testid": "visitors-upstream" });
  #upstreamAsked = 0;
  #upstreamShown = 0;

  /** `page` holds `announce` and `onRemove`. */
  constructor(count, page) {
    this.#page = page;
    this.#batches = ownBatches(count, batchesMade);
    batchesMade += count;
    this.#items = this.#batches.map(() => element("li", { "data-testid": "visitor" }));
    this.#card = new Card(`${count} visitors`, {
      testId: "visitors-card",
      subtitle: ["Each with a batch of its own, all on one account · ", element("span", { class: "source-label" }, "made-up results")],
      facts: [this.#sum, this.#upstream],
      contents: [element("ol", { class: "visitors" }, ...this.#items)],
      onCancel: () => this.#cancel(),
      onRemove: () => this.#remove(),
    });
    this.node = this.#card.node;
  }

  start() {
    const { baseUrl } = SERVED_BY;
    this.#visitors = new Visitors(this.#batches.length);
    this.#card.setState("waiting");
    this.#card.progress.max = this.#batches.length;
    this.#workers = this.#batches.map((batch, nth) => {
      const worker = new Worker(new URL("visitor.js", import.meta.url), { type: "module" });
      worker.addEventListener("message", ({ data }) => this.#hear(nth, data));
      worker.addEventListener("error", () => this.#hear(nth, { news: "error", message: "could not start" }));
      worker.postMessage({ baseUrl, batch });
      return worker;
    });
    this.#page.announce(`${this.#batches.length} visitors: polling started.`);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#show();
  }

  #hear(nth, news) {
    this.#visitors.hear(nth, news);
    this.#show();
    if (news.news === "done" || news.news === "error") this.#workers[nth].terminate();
    this.#endOnce();
  }

  #cancel() {
    this.#visitors.cancel();
    this.#show();
    this.#endOnce();
  }

  #endOnce() {
    const { state } = this.#visitors;
    if (state === "waiting" || this.#card.state === state) return;
    this.#stop();
    this.#card.setState(state);
    this.#page.announce(`${this.#batches.length} visitors: ${STATES[state].toLowerCase()}.`);
    this.#showUpstream();
  }

  #tick() {
    this.#show();
    this.#showUpstream();
  }

  #show() {
    this.#visitors.lines().forEach(({ state, text }, nth) => {
      this.#items[nth].dataset.state = state;
      setText(this.#items[nth], text);
    });
    setText(this.#sum, this.#visitors.sumText());
    this.#card.progress.value = this.#visitors.ended;
  }

  /** The stand-in says what arrived there. A real API does not. */
  async #showUpstream() {
    const nth = (this.#upstreamAsked += 1);
    const text = await this.#upstreamText();
    // An answer that a later one overtook is old.
    if (nth < this.#upstreamShown) return;
    this.#upstreamShown = nth;
    setText(this.#upstream, text);
  }

  async #upstreamText() {
    try {
      const response = await fetch(`${SERVED_BY.standin}/_standin/log`);
      return upstreamText(await response.json(), this.#batches);
    } catch {
      return "The stand-in does not say what arrived.";
    }
  }

  #stop() {
    clearInterval(this.#timer);
    for (const worker of this.#workers) worker.terminate();
  }

  #remove() {
    this.#stop();
    this.#page.onRemove();
  }
}
