import { positionText } from "./batches.js";
import { ASKING, formatSeconds, nextPollText } from "./countdown.js";
import { element, setText } from "./element.js";
import { countsText } from "./field-model.js";
import { KINDS } from "./kinds.js";

/** The row of a batch that has no results yet, or for which nobody waits any more. */
export class WaitingBatch {
  #entry;
  #batches;
  #files = element("span", { class: "batch-files" });
  #position = element("span", { "data-testid": "batch-position" });
  #nextPoll = element("span", { "data-testid": "batch-next-poll" });
  #elapsed = element("span", { class: "batch-elapsed" });
  #note = element("p", { class: "note", hidden: true });

  constructor(entry, batches) {
    this.#entry = entry;
    this.#batches = batches;
    const { job, kind } = entry;
    this.node = element(
      "li",
      { class: "batch", tabindex: "-1", "data-testid": "batch", "data-batch": job.batchId, "data-kind": kind },
      element(
        "p",
        { class: "batch-heading" },
        element("span", { class: "batch-name", dir: "auto" }, job.batchId),
        " ",
        element("span", { class: "batch-kind" }, KINDS[kind].name),
        " ",
        this.#files,
      ),
      element("p", { class: "batch-outlook" }, this.#position, " ", this.#nextPoll, " ", this.#elapsed),
      this.#note,
    );
    this.update();
  }

  update() {
    const { state, job, counts, position, asking, note } = this.#entry;
    this.node.dataset.state = state;
    setText(this.#files, counts.total > 0 ? countsText(counts) : expectedText(job));
    setText(this.#elapsed, `for ${formatSeconds(this.#batches.elapsedMs(this.#entry))}`);
    const waiting = state === "waiting";
    setText(this.#position, !waiting ? "" : asking ? ASKING : positionText(position));
    const nextPollInMs = this.#batches.nextPollInMs(this.#entry);
    setText(this.#nextPoll, waiting && !asking && nextPollInMs !== undefined ? nextPollText(nextPollInMs) : "");
    setText(this.#note, waiting ? note : "");
    this.#note.hidden = !waiting || note === "";
  }
}

function expectedText({ expectedFiles }) {
  return expectedFiles ? `${expectedFiles} expected` : "No files yet";
}
