import { isExtractaError } from "/pkg/index.js";
import { Countdown, formatSeconds } from "./countdown.js";
import { button, element, setText } from "./element.js";
import { errorPanel } from "./error-panel.js";
import { explain } from "./errors.js";
import { countsText } from "./field-model.js";
import { FileList } from "./file-list.js";
import { KINDS } from "./kinds.js";
import { RawResults } from "./raw-results.js";

const STATE_TEXTS = { waiting: "Waiting", done: "Done", error: "Error", cancelled: "Cancelled" };
let cardsMade = 0;

/** One poll on the page: it runs `client.watch`, shows its progress, and can be cancelled, repeated and removed. */
export class PollCard {
  #poll;
  #page;
  #controller = new AbortController();
  #clock = new Countdown();
  #files;
  #raw;
  #progressText = "";

  #heading = element("h3", { tabindex: "-1", dir: "auto" });
  #status = element("span", { class: "badge", "data-testid": "poll-status" });
  #progress = element("progress", { "data-testid": "poll-progress" });
  #counts = element("p", { class: "counts" });
  #attempt = element("dd", {}, "0");
  #elapsed = element("dd");
  // Changes each second: for the eye only.
  #countdown = element("p", { class: "countdown", "data-testid": "poll-countdown", "aria-hidden": "true" });
  #note = element("p", { class: "note", "data-testid": "poll-note", hidden: true });
  #trouble = element("div");
  #cancel = button("Cancel", () => this.#controller.abort(), { "data-testid": "poll-cancel" });

  /** `poll` is what the form answered; `page` holds `announce`, `focusField`, `followExtraction`, `onRemove`. */
  constructor(poll, page) {
    this.#poll = poll;
    this.#page = page;
    this.#files = new FileList(poll.kind, page.followExtraction);
    this.#raw = new RawResults(poll.batch.batchId, page.announce);
    this.node = this.#build();
  }

  async start() {
    const { chosen, batch, settings } = this.#poll;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#reset();
    let client;
    try {
      client = chosen.connect((event) => this.#onEvent(event));
      const watch = client.watch(batch, { ...settings, signal });
      for await (const progress of watch) this.#onProgress(progress);
      this.#onResults(await watch.result);
    } catch (error) {
      this.#onError(error, signal.aborted);
    } finally {
      this.#clock.stop();
      client?.close();
    }
  }

  #build() {
    const { kind, batch, chosen } = this.#poll;
    const headingId = `poll-heading-${(cardsMade += 1)}`;
    const remove = button("Remove", () => this.#remove(), { "data-testid": "poll-remove", class: "quiet" });
    const fileNote = batch.fileId ? ` · file ${batch.fileId}` : "";
    this.#heading.id = headingId;
    this.#heading.textContent = batch.batchId;
    this.#progress.setAttribute("aria-labelledby", headingId);
    return element(
      "article",
      { class: "panel poll-card", "data-testid": "poll-card", "aria-labelledby": headingId },
      element(
        "header",
        { class: "card-header" },
        this.#heading,
        this.#status,
        element("div", { class: "actions" }, this.#cancel, remove),
      ),
      element(
        "p",
        { class: "card-subtitle" },
        `${KINDS[kind].name}${fileNote} · `,
        element("span", { class: "source-label" }, chosen.label),
      ),
      this.#progress,
      element("div", { class: "progress-line" }, this.#counts, this.#countdown),
      element(
        "dl",
        { class: "clock" },
        ...[element("dt", {}, "Poll attempt"), this.#attempt, element("dt", {}, "Elapsed"), this.#elapsed],
      ),
      this.#note,
      this.#trouble,
      this.#raw.node,
      this.#files.node,
    );
  }

  #reset() {
    this.#setState("waiting");
    this.#progress.removeAttribute("value");
    this.#showCounts({ total: 0, failed: 0, pending: 0 });
    this.#attempt.textContent = "0";
    this.#say("");
    this.#trouble.replaceChildren();
    this.#raw.hide();
    this.#files.show([]);
    this.#clock.start(() => this.#tick());
    this.#page.announce(`${this.#poll.batch.batchId}: polling started.`);
  }

  #tick() {
    setText(this.#elapsed, this.#clock.elapsedText());
    setText(this.#countdown, this.#clock.nextPollText());
  }

  #onEvent(event) {
    switch (event.type) {
      case "wait":
        this.#clock.expectIn(event.waitMs);
        break;
      case "request":
        this.#attempt.textContent = String(event.attempt);
        this.#clock.asking();
        break;
      case "retry":
        this.#clock.expectIn(event.waitMs);
        this.#say(`Attempt ${event.attempt} failed (${event.code}). Trying again.`);
        break;
      case "pause":
        this.#clock.expectIn(event.pauseMs);
        this.#say(`The server asks for fewer requests: pausing for ${formatSeconds(event.pauseMs)}.`);
        break;
    }
    this.#tick();
  }

  #onProgress({ attempt, nextPollInMs, counts, results }) {
    this.#attempt.textContent = String(attempt);
    this.#say("");
    this.#showCounts(counts);
    this.#files.show(results.files);
    this.#raw.show(results);
    if (nextPollInMs !== undefined) this.#clock.expectIn(nextPollInMs);
    this.#tick();
  }

  #showCounts(counts) {
    const text = countsText(counts);
    if (text === this.#progressText) return;
    this.#progressText = text;
    if (counts.total > 0) {
      this.#progress.max = counts.total;
      this.#progress.value = counts.total - counts.pending;
      this.#page.announce(`${this.#poll.batch.batchId}: ${text}.`);
    }
    this.#counts.textContent = text;
    this.#progress.textContent = text;
  }

  #onResults(results) {
    this.#files.show(results.files);
    this.#raw.show(results);
    this.#end("done", "done");
  }

  #onError(error, cancelled) {
    const explanation = explain(error, { known: isExtractaError(error), cancelled, source: this.#poll.chosen.source });
    const panel = errorPanel(explanation, { pollAgain: () => this.#pollAgain(), focusField: this.#page.focusField });
    this.#trouble.replaceChildren(panel);
    this.#end(cancelled ? "cancelled" : "error", explanation.title);
  }

  #pollAgain() {
    this.start();
    this.#cancel.focus();
  }

  #end(state, news) {
    const cancelHadFocus = document.activeElement === this.#cancel;
    this.#setState(state);
    // A hidden button would drop the keyboard to the top of the page.
    if (cancelHadFocus) (this.#trouble.querySelector("button") ?? this.#heading).focus();
    this.#tick();
    this.#countdown.textContent = "";
    this.#say("");
    if (!this.#progress.hasAttribute("value")) this.#progress.value = 0;
    this.#page.announce(`${this.#poll.batch.batchId}: ${news}.`);
  }

  #setState(state) {
    this.#status.dataset.state = state;
    this.#status.textContent = STATE_TEXTS[state];
    this.node.dataset.state = state;
    this.#cancel.hidden = state !== "waiting";
  }

  #say(text) {
    this.#note.textContent = text;
    this.#note.hidden = text === "";
  }

  #remove() {
    this.#controller.abort();
    this.#page.onRemove();
  }
}
