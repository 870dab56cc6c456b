import { filesToCsv } from "./csv.js";
import { button, element } from "./element.js";

const LONGEST_JSON = 1_000_000;
// Without it, spreadsheets read UTF-8 as a local 8-bit encoding.
const BYTE_ORDER_MARK = "\uFEFF";

/** A batch's results as JSON, to read, copy and keep, and its files as CSV. */
export class RawResults {
  #announce;
  #fileName;
  #results;
  #csvButton = button("Download CSV", () => this.#downloadCsv(), { "data-testid": "download-csv" });
  #pre = element("pre", { "data-testid": "raw-json", tabindex: "0", role: "group", "aria-label": "Raw JSON" });

  constructor(batchId, announce) {
    this.#announce = announce;
    this.#fileName = batchId.replace(/[^\w.-]+/g, "_").slice(0, 80);
    const copy = button("Copy JSON", () => this.#copy(), { "data-testid": "copy-json" });
    const json = button("Download JSON", () => this.#downloadJson(), { "data-testid": "download-json" });
    this.node = element(
      "div",
      { class: "raw-results", hidden: true },
      element("div", { class: "actions" }, copy, json, this.#csvButton),
      element("details", {}, element("summary", {}, "Raw JSON"), this.#pre),
    );
  }

  show(results) {
    this.#results = results;
    this.node.hidden = false;
    this.#csvButton.hidden = results.files.length === 0;
    const json = this.#json();
    const cut = json.length > LONGEST_JSON ? "\n… cut here for display. Copy and download have all of it." : "";
    this.#pre.textContent = json.slice(0, LONGEST_JSON) + cut;
  }

  hide() {
    this.node.hidden = true;
    this.#pre.textContent = "";
  }

  #json() {
    return JSON.stringify(this.#results, null, 2);
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#json());
      this.#announce("JSON copied.");
    } catch {
      this.#announce("The browser did not allow copying. Download the JSON instead.");
    }
  }

  #downloadJson() {
    download(`${this.#fileName}.json`, "application/json", this.#json());
  }

  #downloadCsv() {
    download(`${this.#fileName}.csv`, "text/csv;charset=utf-8", BYTE_ORDER_MARK + filesToCsv(this.#results.files));
  }
}

function download(fileName, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: address, download: fileName }).click();
  // Some browsers begin the download only after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
