import { field, fill, text } from "./field.js";
import { ManyBatches } from "./many-batches.js";
import { OneBatch } from "./one-batch.js";
import { SERVED_BY } from "./served-by.js";
import { isScripted } from "./source.js";
import { FilesToUpload } from "./files-to-upload.js";

const CONTROLS = "input, select, textarea, button";

/** The form: where to ask, for one batch or for many, and where the keyboard goes when a field is at fault. */
export class PollForm {
  #form = field("poll-form");
  #source;
  #onStartDurable;
  #one = new OneBatch(() => this.#isScripted);
  #many = new ManyBatches();
  #files = new FilesToUpload();

  /**
   * `onStart` gets `{ chosen, settings, kind, batch }` for one batch and `onStartMany` `{ chosen, settings, jobs }` for
   * many, all but `chosen` as `client.watch` and `client.pollMany` take them; `onStartUpload` gets `{ chosen, settings, kind,
   * target, files, uploadTimeoutMs }`; `onStartDurable` gets `{ kind, batch }` or the
   * `{ id }` of what the server polls.
   */
  constructor(source, { onStart, onStartMany, onStartDurable, onStartUpload }) {
    this.#onStartDurable = onStartDurable;
    this.#source = source;
    this.#preferServer();
    this.#form.addEventListener("change", ({ target }) => {
      if (target.name === "source") this.#onSource();
      if (target.name === "how-many") this.#showPart();
    });
    field("forget-key").addEventListener("click", () => {
      source.forgetKey();
      this.#showSource();
      field("api-key").focus();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const where = this.#readWhere();
      if (this.#isDurable) onStartDurable(this.#one.read());
      else if (this.#checked("how-many") === "one") onStart({ ...where, ...this.#one.read() });
      else if (this.#checked("how-many") === "files") onStartUpload({ ...where, ...this.#files.read() });
      else onStartMany({ ...where, jobs: this.#many.read() });
    });
    this.#onSource();
    this.#showPart();
  }

  /** Takes over `?kind=…&batch=…&template=…&file=…&timeout=…&unknown=…&durable=…&autostart=1`; an API key is never among them. */
  fillFrom(parameters) {
    this.#one.fillFrom(parameters);
    fill("timeout-seconds", parameters.get("timeout"));
    fill("request-timeout-seconds", parameters.get("request-timeout"));
    const unknown = parameters.get("unknown");
    if (["wait", "done", "throw"].includes(unknown)) field("unknown-status").value = unknown;
    const durable = parameters.get("durable");
    if (SERVED_BY.polls && durable) this.#onStartDurable({ id: durable });
    if (parameters.get("autostart") === "1") this.#form.requestSubmit();
  }

  /** Puts the keyboard on a field, bringing it into view first: a poll may have been started from another source. */
  focusField(id, source) {
    field(`source-${source}`).checked = true;
    this.#showSource();
    const target = field(id);
    const part = target.closest("[data-how-many]");
    if (part) {
      field(`how-many-${part.dataset.howMany}`).checked = true;
      this.#showPart();
    }
    target.closest("details")?.setAttribute("open", "");
    target.focus();
  }

  /** What answers under this page's own address is the first choice; only where that is the stand-in, it is one. */
  #preferServer() {
    const { source, baseUrl } = SERVED_BY;
    field(`source-${source}`).checked = true;
    if (source === "proxy") field("base-url").value = baseUrl;
    field("source-stand-in").closest("label").hidden = source !== "stand-in";
  }

  #onSource() {
    this.#showSource();
    this.#one.offerDemoIds();
    this.#many.offerDemoIds(this.#isScripted);
    this.#files.offerDemoIds(this.#isScripted);
  }

  #showSource() {
    const source = this.#checked("source");
    for (const part of this.#form.querySelectorAll("[data-source], [data-scripted], [data-durable], [data-uploads]")) {
      const shown = this.#isShown(part, source);
      part.hidden = !shown;
      for (const control of part.querySelectorAll(CONTROLS)) control.disabled = !shown;
    }
    // What is not offered any more cannot stay chosen.
    if (field("how-many-files").disabled && this.#checked("how-many") === "files") {
      field("how-many-one").checked = true;
      this.#showPart();
    }
    const { hasKey } = this.#source;
    field("api-key").required = !hasKey;
    field("api-key").placeholder = hasKey ? "Empty: the key in memory" : "";
    field("forget-key").hidden = !hasKey;
    field("api-key-state").textContent = hasKey
      ? "A key is in memory until this page is closed or reloaded. Polls that are running keep theirs."
      : "Kept in memory only, until this page is closed or reloaded.";
  }

  #isShown({ dataset }, source) {
    if ("scripted" in dataset) return this.#isScripted;
    if ("uploads" in dataset) return SERVED_BY.uploads === true || source === "extracta";
    if ("durable" in dataset) return SERVED_BY.polls !== undefined && SERVED_BY.source === source;
    return dataset.source === source;
  }

  /** What is not seen is not asked to be valid either: a fieldset takes its fields along. */
  #showPart() {
    const howMany = this.#checked("how-many");
    field("start").textContent = howMany === "files" ? "Upload and poll" : "Start polling";
    for (const part of this.#form.querySelectorAll("[data-how-many]")) {
      part.hidden = part.disabled = part.dataset.howMany !== howMany;
    }
  }

  get #isDurable() {
    const { checked, disabled } = field("durable");
    return checked && !disabled && this.#checked("how-many") === "one";
  }

  get #isScripted() {
    return isScripted(this.#checked("source"));
  }

  #checked(name) {
    return this.#form.elements[name].value;
  }

  #readWhere() {
    const settings = {
      timeoutMs: field("timeout-seconds").valueAsNumber * 1000,
      requestTimeoutMs: field("request-timeout-seconds").valueAsNumber * 1000,
      onUnknownStatus: field("unknown-status").value,
    };
    this.#takeKey();
    const chosen = this.#source.choose({ source: this.#checked("source"), baseUrl: text("base-url") });
    return { chosen, settings };
  }

  #takeKey() {
    const key = text("api-key");
    field("api-key").value = "";
    if (key !== "" && !field("api-key").disabled) this.#source.rememberKey(key);
    this.#showSource();
  }
}
