import { isExtractaError } from "/pkg/index.js";
import { Countdown } from "./countdown.js";
import { button, element, setText } from "./element.js";
import { errorPanel } from "./error-panel.js";
import { explainUpload } from "./errors.js";
import { describeFiles } from "./files-to-upload.js";
import { KINDS } from "./kinds.js";

const STATE_TEXTS = { waiting: "Uploading", error: "Error", cancelled: "Cancelled" };
let cardsMade = 0;

/** Files on their way. They are sent once: it offers to send them again only where nothing can have arrived. */
export class UploadCard {
  #upload;
  #page;
  #controller = new AbortController();
  #clock = new Countdown();

  #heading = element("h3", { tabindex: "-1", dir: "auto" });
  #status = element("span", { class: "badge", "data-testid": "poll-status" });
  #progress = element("progress");
  #elapsed = element("dd");
  #note = element("p", { class: "note", "data-testid": "poll-note", hidden: true });
  #trouble = element("div");
  #cancel = button("Cancel", () => this.#controller.abort(), { "data-testid": "poll-cancel" });

  /** `upload` is what the form answered; `page` holds `announce`, `focusField`, `onUploaded`, `onRemove`. */
  constructor(upload, page) {
    this.#upload = upload;
    this.#page = page;
    this.node = this.#build();
  }

  async start() {
    const { chosen, target, files, uploadTimeoutMs } = this.#upload;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#setState("waiting");
    this.#trouble.replaceChildren();
    this.#say("");
    this.#progress.removeAttribute("value");
    this.#clock.start(() => setText(this.#elapsed, this.#clock.elapsedText()));
    this.#page.announce(`${this.#name()}: uploading.`);
    let client;
    try {
      client = chosen.connect((event) => event.type === "warning" && this.#warn(event));
      const batch = await client.uploadFiles(target, files, { signal, uploadTimeoutMs });
      this.#page.announce(`${this.#name()}: uploaded.`);
      this.#page.onUploaded({ ...target, batchId: batch.batchId });
    } catch (error) {
      this.#onError(error, signal.aborted);
    } finally {
      this.#clock.stop();
      client?.close();
    }
  }

  #build() {
    const { kind, chosen, files } = this.#upload;
    const headingId = `upload-heading-${(cardsMade += 1)}`;
    const remove = button("Remove", () => this.#remove(), { "data-testid": "poll-remove", class: "quiet" });
    this.#heading.id = headingId;
    this.#heading.textContent = this.#name();
    this.#progress.setAttribute("aria-labelledby", headingId);
    return element(
      "article",
      { class: "panel poll-card", "data-testid": "upload-card", "aria-labelledby": headingId },
      element("header", { class: "card-header" }, this.#heading, this.#status, element("div", { class: "actions" }, this.#cancel, remove)),
      element("p", { class: "card-subtitle" }, `${KINDS[kind].name} · `, element("span", { class: "source-label" }, chosen.label)),
      this.#progress,
      element("p", { class: "counts", dir: "auto" }, describeFiles(files)),
      element("dl", { class: "clock" }, element("dt", {}, "Elapsed"), this.#elapsed),
      this.#note,
      this.#trouble,
    );
  }

  #name() {
    const { files } = this.#upload;
    return files.length === 1 ? files[0].name : `${files.length} files`;
  }

  #warn({ fileIndex }) {
    this.#say(`${this.#upload.files[fileIndex].name}: its name does not end like that of a document. It may be refused.`);
  }

  #onError(error, cancelled) {
    const explanation = explainUpload(error, { known: isExtractaError(error), cancelled, source: this.#upload.chosen.source });
    const mayBeThere = cancelled || error?.filesMayHaveArrived === true;
    const again = mayBeThere ? undefined : () => this.#again();
    this.#trouble.replaceChildren(errorPanel(explanation, { pollAgain: again, focusField: this.#page.focusField, label: "Upload again" }));
    const cancelHadFocus = document.activeElement === this.#cancel;
    this.#setState(cancelled ? "cancelled" : "error");
    this.#progress.value = 0;
    // A hidden button would drop the keyboard to the top of the page.
    if (cancelHadFocus) (this.#trouble.querySelector("button") ?? this.#heading).focus();
    this.#page.announce(`${this.#name()}: ${explanation.title}.`);
  }

  #again() {
    this.start();
    this.#cancel.focus();
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
