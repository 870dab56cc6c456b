import { isExtractaError } from "/pkg/index.js";
import { formatSeconds } from "./countdown.js";
import { element } from "./element.js";
import { errorPanel } from "./error-panel.js";
import { explain } from "./errors.js";
import { countsText } from "./field-model.js";
import { FileList } from "./file-list.js";
import { KINDS } from "./kinds.js";
import { RawResults } from "./raw-results.js";

const STATE_TEXTS = { done: "Done", error: "Error" };

/**
 * The row of a batch that ended: one line, which opens to its results or to what is known of its error. `page` holds
 * `announce`, `followExtraction`, `pollAgain` and `focusField`; `source` is where the batch was polled.
 */
export function endedBatch(entry, { elapsedMs, source, page }) {
  const { job, kind, state } = entry;
  const known = isExtractaError(entry.error);
  const explanation = state === "error" ? explain(entry.error, { known, source }) : undefined;
  const view = element("details", { class: "batch-view" }, summary(entry, elapsedMs, explanation));
  const fill = () => view.append(explanation ? failure(entry, explanation, page) : results(entry, page));
  // Built when opened: two hundred closed results would cost as much as two hundred open ones.
  view.addEventListener("toggle", fill, { once: true });
  const names = { "data-testid": "batch", "data-batch": job.batchId, "data-kind": kind, "data-state": state };
  return element("li", { class: "batch", tabindex: "-1", ...names }, view);
}

function summary({ job, kind, state, counts }, elapsedMs, explanation) {
  const outcome = explanation ? `${explanation.title} ` : countsText(counts);
  const code = explanation ? element("code", {}, explanation.code) : "";
  return element(
    "summary",
    {},
    element("span", { class: "batch-name", dir: "auto" }, job.batchId),
    " ",
    element("span", { class: "batch-kind" }, KINDS[kind].name),
    " ",
    element("span", { class: "badge", "data-state": state }, STATE_TEXTS[state]),
    " ",
    element("span", { class: "batch-outcome", "data-testid": "batch-outcome" }, outcome, code),
    " ",
    element("span", { class: "batch-elapsed" }, `after ${formatSeconds(elapsedMs)}`),
  );
}

function results({ job, kind, results }, { announce, followExtraction }) {
  const raw = new RawResults(job.batchId, announce);
  const files = new FileList(kind, followExtraction);
  raw.show(results);
  files.show(results.files);
  return element("div", { class: "batch-result", "data-testid": "batch-result" }, raw.node, files.node);
}

function failure(entry, explanation, { pollAgain, focusField }) {
  const panel = { pollAgain: () => pollAgain(entry), focusField: (field) => focusField(field, entry.kind) };
  return element("div", { class: "batch-result" }, errorPanel(explanation, panel));
}
