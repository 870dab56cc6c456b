import { isExtractaError } from "/pkg/index.js";
import { Card, facts } from "./card.js";
import { Countdown, formatSeconds } from "./countdown.js";
import { element, setText } from "./element.js";
import { errorPanel } from "./error-panel.js";
import { explain } from "./errors.js";
import { countsText } from "./field-model.js";
import { FileList } from "./file-list.js";
import { KINDS } from "./kinds.js";
import { RawResults } from "./raw-results.js";

/** One poll on the page: it runs `client.watch`, shows its progress, and can be cancelled, repeated and removed. */
export class PollCard {
  #poll;
  #page;
  #controller = new AbortController();
  #clock = new Countdown();
  #files;
  #raw;
  #card;
  #progressText = "";

  #counts = element("p", { class: "counts" });
  #attempt = element("dd", {}, "0");
  #elapsed = element("dd");
  // Changes each second: for the eye only.
  #countdown = element("p", { class: "countdown", "data-testid": "poll-countdown", "aria-hidden": "true" });

  /** `poll` is what the form answered; `page` holds `announce`, `focusField`, `followExtraction`, `onRemove`. */
  constructor(poll, page) {
    const { kind, batch, chosen } = poll;
    this.#poll = poll;
    this.#page = page;
    this.#files = new FileList(kind, page.followExtraction);
    this.#raw = new RawResults(batch.batchId, page.announce);
    const fileNote = batch.fileId ? ` · file ${batch.fileId}` : "";
    this.#card = new Card(batch.batchId, {
      subtitle: [`${KINDS[kind].name}${fileNote} · `, element("span", { class: "source-label" }, chosen.label)],
      facts: [
        element("div", { class: "progress-line" }, this.#counts, this.#countdown),
        facts({ "Poll attempt": this.#attempt, Elapsed: this.#elapsed }),
      ],
      contents: [this.#raw.node, this.#files.node],
      onCancel: () => this.#controller.abort(),
      onRemove: () => this.#remove(),
    });
    this.node = this.#card.node;
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

  #reset() {
    this.#card.setState("waiting");
    this.#showCounts({ total: 0, failed: 0, pending: 0 });
    this.#attempt.textContent = "0";
    this.#card.say("");
    this.#card.trouble.replaceChildren();
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
        this.#card.say(`Attempt ${event.attempt} failed (${event.code}). Trying again.`);
        break;
      case "pause":
        this.#clock.expectIn(event.pauseMs);
        this.#card.say(`The server asks for fewer requests: pausing for ${formatSeconds(event.pauseMs)}.`);
        break;
    }
    this.#tick();
  }

  #onProgress({ attempt, nextPollInMs, counts, results }) {
    this.#attempt.textContent = String(attempt);
    this.#card.say("");
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
      this.#card.progress.max = counts.total;
      this.#card.progress.value = counts.total - counts.pending;
      this.#page.announce(`${this.#poll.batch.batchId}: ${text}.`);
    }
    this.#counts.textContent = text;
    this.#card.progress.textContent = text;
  }

  #onResults(results) {
    this.#files.show(results.files);
    this.#raw.show(results);
    this.#end("done", "done");
  }

  #onError(error, cancelled) {
    const explanation = explain(error, { known: isExtractaError(error), cancelled, source: this.#poll.chosen.source });
    const panel = errorPanel(explanation, { pollAgain: () => this.#pollAgain(), focusField: this.#page.focusField });
    this.#card.trouble.replaceChildren(panel);
    this.#end(cancelled ? "cancelled" : "error", explanation.title);
  }

  #pollAgain() {
    this.start();
    this.#card.focusCancel();
  }

  #end(state, news) {
    this.#card.setState(state);
    this.#tick();
    this.#countdown.textContent = "";
    this.#card.say("");
    this.#page.announce(`${this.#poll.batch.batchId}: ${news}.`);
  }

  #remove() {
    this.#controller.abort();
    this.#page.onRemove();
  }
}
