import { describeBatchLines, parseBatchLines } from "./batch-lines.js";
import { field, text } from "./field.js";
import { KINDS, isDemoTemplate } from "./kinds.js";
import { TWENTY_BATCHES } from "./preset.js";

/** The part of the form that names many batches: a list for each kind. */
export class ManyBatches {
  constructor() {
    for (const kind of Object.keys(KINDS)) linesOf(kind).addEventListener("input", () => this.#check());
    field("twenty-batches").addEventListener("click", () => {
      for (const kind of Object.keys(KINDS)) linesOf(kind).value = TWENTY_BATCHES[kind].join("\n");
      this.#check();
    });
    this.#check();
  }

  /** Demo ids mean something to a stand-in alone. */
  offerDemoIds(scripted) {
    for (const [kind, { demoTemplate }] of Object.entries(KINDS)) {
      const template = field(`${kind}-template`);
      if (scripted && template.value.trim() === "") template.value = demoTemplate;
      if (!scripted && isDemoTemplate(template.value)) template.value = "";
      if (!scripted && linesOf(kind).value === TWENTY_BATCHES[kind].join("\n")) linesOf(kind).value = "";
    }
    this.#check();
  }

  /** The jobs as `client.pollMany` takes them. */
  read() {
    return Object.entries(KINDS).flatMap(([kind, { templateMember }]) => {
      const template = { [templateMember]: text(`${kind}-template`) };
      return parseBatchLines(linesOf(kind).value).batches.map((batch) => ({ ...template, ...batch }));
    });
  }

  /** Says what the lists come to, and stops a start that could not work. */
  #check() {
    let named = 0;
    for (const kind of Object.keys(KINDS)) {
      const lines = parseBatchLines(linesOf(kind).value);
      named += lines.batches.length;
      field(`${kind}-batches-hint`).textContent = describeBatchLines(lines);
      linesOf(kind).setCustomValidity(lines.fault);
      field(`${kind}-template`).required = lines.batches.length > 0;
    }
    const first = linesOf("extraction");
    if (named === 0 && first.validationMessage === "") first.setCustomValidity("Name a batch of either kind.");
  }
}

function linesOf(kind) {
  return field(`${kind}-batches`);
}
