import { isExtractaError } from "/pkg/index.js";
import { BatchSection } from "./batch-section.js";
import { Batches } from "./batches.js";
import { STATES } from "./card.js";
import { formatSeconds } from "./countdown.js";
import { button, element, setText } from "./element.js";
import { endedBatch } from "./ended-batch.js";
import { errorPanel } from "./error-panel.js";
import { explain } from "./errors.js";
import { KINDS, kindOf } from "./kinds.js";
import { LanePanel } from "./lane-panel.js";
import { newsText } from "./news.js";
import { WaitingBatch } from "./waiting-batch.js";

const TICK_MS = 1000;
const NEWS_EVERY_MS = 10_000;
let cardsMade = 0;

/** Many batches on the page: it runs `client.pollMany`, shows how each is doing, and can be cancelled and removed. */
export class ManyCard {
  #many;
  #page;
  #controller = new AbortController();
  #client;
  #batches;
  #unreported = [];
  #reportedAt = 0;
  #timer;

  #id = `many-${(cardsMade += 1)}`;
  #heading = element("h3", { id: this.#id, tabindex: "-1" });
  #status = element("span", { class: "badge", "data-testid": "many-status" });
  #cancel = button("Cancel all", () => this.#controller.abort(), { "data-testid": "many-cancel" });
  #again = button("Poll the rest again", () => this.#pollRest(), { hidden: true, "data-testid": "many-again" });
  #progress = element("progress", { "aria-labelledby": this.#id, "data-testid": "many-progress" });
  #counts = element("p", { class: "counts", "data-testid": "many-counts" });
  #elapsed = element("p", { class: "countdown" });
  #files = element("p", { class: "card-subtitle" });
  #trouble = element("div", { hidden: true });
  #lanes = new LanePanel();
  #ended = new BatchSection("Finished", "ended", (entry) => this.#endedRow(entry));
  #open = new BatchSection("Waiting", "open", (entry) => new WaitingBatch(entry, this.#batches));

  /**
   * `many` is what the form answered: `chosen`, `jobs`, `settings`. `page` holds `announce`, `focusField`, `startPoll`,
   * `startMany` and `onRemove`.
   */
  constructor(many, page) {
    this.#many = many;
    this.#page = page;
    this.#batches = new Batches(many.jobs);
    this.node = this.#build();
  }

  async start() {
    const { chosen, jobs, settings } = this.#many;
    const { signal } = this.#controller;
    this.#setState("waiting");
    this.#page.announce(`${jobs.length} batches: polling started.`);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#showAll();
    try {
      this.#client = chosen.connect((event) => this.#batches.onEvent(event));
      const onProgress = (progress, job, index) => this.#batches.onProgress(progress, index, this.#client.lanes());
      const polls = this.#client.pollMany(jobs, { ...settings, signal, onProgress });
      for await (const settled of polls) this.#onSettled(settled);
      this.#end("done");
    } catch (error) {
      if (!signal.aborted) this.#showError(error);
      this.#end(signal.aborted ? "cancelled" : "error");
    } finally {
      clearInterval(this.#timer);
      this.#client?.close();
    }
  }

  #build() {
    const { jobs, chosen } = this.#many;
    const remove = button("Remove", () => this.#remove(), { "data-testid": "many-remove", class: "quiet" });
    this.#heading.textContent = `${jobs.length} ${jobs.length === 1 ? "batch" : "batches"}`;
    this.#progress.max = jobs.length;
    this.#progress.value = 0;
    return element(
      "article",
      { class: "panel poll-card", "data-testid": "many-card", "aria-labelledby": this.#id },
      element(
        "header",
        { class: "card-header" },
        this.#heading,
        this.#status,
        element("div", { class: "actions" }, this.#cancel, this.#again, remove),
      ),
      element(
        "p",
        { class: "card-subtitle" },
        `${kindsText(jobs)} · `,
        element("span", { class: "source-label" }, chosen.label),
      ),
      this.#progress,
      element("div", { class: "progress-line" }, this.#counts, this.#elapsed),
      this.#files,
      this.#trouble,
      this.#lanes.node,
      this.#ended.node,
      this.#open.node,
    );
  }

  /** Once a second: what is seen of the waiting ones, and the lanes. Whoever ended is not touched again. */
  #tick() {
    const reports = this.#client.lanes();
    this.#batches.onLanes(reports);
    this.#lanes.show(reports);
    this.#open.update();
    this.#showSums();
    if (this.#unreported.length > 0 && performance.now() - this.#reportedAt >= NEWS_EVERY_MS) this.#reportNews();
  }

  #onSettled(settled) {
    this.#unreported.push(this.#batches.settle(settled));
    this.#showAll();
  }

  #showAll() {
    this.#open.show(this.#batches.open);
    this.#ended.show(this.#batches.settled);
    this.#open.update();
    this.#showSums();
  }

  #showSums() {
    const { ended, text } = this.#batches.summary();
    setText(this.#counts, text);
    setText(this.#files, this.#batches.filesText());
    setText(this.#elapsed, `Elapsed ${formatSeconds(this.#batches.elapsedMs())}`);
    this.#progress.value = ended;
  }

  #reportNews() {
    this.#page.announce(newsText(this.#unreported.splice(0), this.#batches.summary().text));
    this.#reportedAt = performance.now();
  }

  #end(state) {
    const cancelHadFocus = document.activeElement === this.#cancel;
    this.#batches.end();
    this.#setState(state);
    this.#lanes.show(this.#client?.lanes() ?? []);
    this.#open.rename("Not finished");
    this.#showAll();
    // A hidden button would drop the keyboard to the top of the page.
    if (cancelHadFocus) (this.#again.hidden ? this.#heading : this.#again).focus();
    this.#reportNews();
    if (state !== "done") this.#page.announce(`${STATES[state]}: the others are not finished.`);
  }

  #setState(state) {
    this.node.dataset.state = state;
    this.#status.dataset.state = state;
    this.#status.textContent = STATES[state];
    this.#cancel.hidden = state !== "waiting";
    this.#again.hidden = state === "waiting" || state === "done";
  }

  /** Of no batch's own: the client could not be made, or the page has a defect. */
  #showError(error) {
    const explanation = explain(error, { known: isExtractaError(error), source: this.#many.chosen.source });
    const { focusField } = this.#page;
    this.#trouble.replaceChildren(errorPanel(explanation, { pollAgain: () => this.#pollRest(), focusField }));
    this.#trouble.hidden = false;
  }

  #endedRow(entry) {
    const { chosen, settings } = this.#many;
    const { announce, focusField, startPoll } = this.#page;
    const poll = (kind, batch) => startPoll({ chosen, settings, kind, batch });
    const page = {
      announce,
      focusField,
      followExtraction: (batch) => poll("extraction", batch),
      pollAgain: ({ kind, job: { expectedFiles, ...batch } }) => poll(kind, batch),
    };
    return { node: endedBatch(entry, { elapsedMs: this.#batches.elapsedMs(entry), source: chosen.source, page }) };
  }

  #pollRest() {
    this.#page.startMany({ ...this.#many, jobs: this.#batches.open.map(({ job }) => job) });
  }

  #remove() {
    this.#controller.abort();
    this.#page.onRemove();
  }
}

function kindsText(jobs) {
  const count = (kind) => jobs.filter((job) => kindOf(job) === kind).length;
  const parts = Object.entries(KINDS).map(([kind, { name }]) => [name, count(kind)]);
  return parts.filter(([, count]) => count > 0).map(([name, count]) => `${name}: ${count}`).join(", ");
}
