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
    const lists = Object.keys(KINDS).map((kind) => [kind, parseBatchLines(linesOf(kind).value)]);
    const nothing = lists.every(([, { batches, fault }]) => batches.length === 0 && !fault);
    for (const [kind, lines] of lists) {
      field(`${kind}-batches-hint`).textContent = describeBatchLines(lines);
      linesOf(kind).setCustomValidity(nothing ? "Name a batch of either kind." : lines.fault);
      field(`${kind}-template`).required = lines.batches.length > 0;
    }
  }
}

function linesOf(kind) {
  return field(`${kind}-batches`);
}
