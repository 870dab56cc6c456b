import { field, text } from "./field.js";
import { KINDS, isDemoTemplate } from "./kinds.js";

const NOTHING = "PDF, Word, text or pictures.";

/** The part of the form that takes files: dropped, or chosen. */
export class FilesToUpload {
  #part = field("files-to-upload");

  constructor() {
    const [zone, input] = [field("drop-zone"), field("upload-files")];
    this.#part.addEventListener("change", ({ target }) => {
      if (target.name === "upload-kind") this.#showKind();
      if (target === input) this.#list();
    });
    for (const type of ["dragenter", "dragover"]) {
      zone.addEventListener(type, (event) => {
        event.preventDefault();
        zone.dataset.over = "";
      });
    }
    zone.addEventListener("dragleave", () => delete zone.dataset.over);
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      delete zone.dataset.over;
      // The input then has them, with all that a form does for an input.
      if (event.dataTransfer.files.length > 0) input.files = event.dataTransfer.files;
      this.#list();
    });
    this.#list();
  }

  /** Demo ids mean something to a stand-in alone. */
  offerDemoIds(scripted) {
    const template = field("upload-template");
    if (scripted && template.value.trim() === "") template.value = KINDS[this.#kind].demoTemplate;
    if (!scripted && isDemoTemplate(template.value)) template.value = "";
  }

  /** `target` and `files` as `client.uploadFiles` takes them. */
  read() {
    const kind = this.#kind;
    return {
      kind,
      target: { [KINDS[kind].templateMember]: text("upload-template") },
      files: [...field("upload-files").files],
      uploadTimeoutMs: field("upload-timeout-seconds").valueAsNumber * 1000,
    };
  }

  get #kind() {
    return this.#part.querySelector('[name="upload-kind"]:checked').value;
  }

  #showKind() {
    field("upload-template-label").textContent = KINDS[this.#kind].templateLabel;
    const template = field("upload-template");
    if (isDemoTemplate(template.value)) template.value = KINDS[this.#kind].demoTemplate;
  }

  #list() {
    const files = [...field("upload-files").files];
    field("upload-list").textContent = files.length === 0 ? NOTHING : describeFiles(files);
  }
}

/** How many, how large, and what the first are called. */
export function describeFiles(files) {
  // Each on its own: one that is read from right to left must not drag its neighbours along.
  const names = files.slice(0, 3).map(({ name }) => `\u2068${name}\u2069`);
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return `${files.length === 1 ? "1 file" : `${files.length} files`}, ${sizeText(bytes)}: ${names.join(", ")}${more}`;
}

export function sizeText(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
