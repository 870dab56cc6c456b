import { isExtractaError } from "/pkg/index.js";
import { Card, facts } from "./card.js";
import { Countdown } from "./countdown.js";
import { element, setText } from "./element.js";
import { errorPanel } from "./error-panel.js";
import { explainUpload } from "./errors.js";
import { describeFiles } from "./files-to-upload.js";
import { KINDS } from "./kinds.js";

const STATES = { waiting: "Uploading", error: "Error", cancelled: "Cancelled" };

/** Files on their way. They are sent once: it offers to send them again only where nothing can have arrived. */
export class UploadCard {
  #upload;
  #page;
  #controller = new AbortController();
  #clock = new Countdown();
  #card;
  #elapsed = element("dd");

  /** `upload` is what the form answered; `page` holds `announce`, `focusField`, `onUploaded`, `onRemove`. */
  constructor(upload, page) {
    const { kind, chosen, files } = upload;
    this.#upload = upload;
    this.#page = page;
    this.#card = new Card(this.#name(), {
      testId: "upload-card",
      states: STATES,
      subtitle: [`${KINDS[kind].name} · `, element("span", { class: "source-label" }, chosen.label)],
      facts: [element("p", { class: "counts", dir: "auto" }, describeFiles(files)), facts({ Elapsed: this.#elapsed })],
      onCancel: () => this.#controller.abort(),
      onRemove: () => this.#remove(),
    });
    this.node = this.#card.node;
  }

  async start() {
    const { chosen, target, files, uploadTimeoutMs } = this.#upload;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#card.setState("waiting");
    this.#card.trouble.replaceChildren();
    this.#card.say("");
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

  #name() {
    const { files } = this.#upload;
    return files.length === 1 ? files[0].name : `${files.length} files`;
  }

  #warn({ fileIndex }) {
    this.#card.say(`${this.#upload.files[fileIndex].name}: its name does not end like that of a document. It may be refused.`);
  }

  #onError(error, cancelled) {
    const explanation = explainUpload(error, { known: isExtractaError(error), cancelled, source: this.#upload.chosen.source });
    const mayBeThere = cancelled || error?.filesMayHaveArrived === true;
    const again = mayBeThere ? undefined : () => this.#again();
    this.#card.trouble.replaceChildren(errorPanel(explanation, { pollAgain: again, focusField: this.#page.focusField, label: "Upload again" }));
    this.#card.setState(cancelled ? "cancelled" : "error");
    this.#page.announce(`${this.#name()}: ${explanation.title}.`);
  }

  #again() {
    this.start();
    this.#card.focusCancel();
  }

  #remove() {
    this.#controller.abort();
    this.#page.onRemove();
  }
}
