import { element, setText } from "./element.js";
import { KINDS, kindAt } from "./kinds.js";
import { decisionText, laneFacts } from "./lane-words.js";

const DECISIONS_SHOWN = 10;

/** What the lanes are doing and why, one after the other: there is one for each endpoint. */
export class LanePanel {
  #lanes = new Map();
  node = element("div", { class: "lanes", "data-testid": "lanes" });

  show(reports) {
    for (const report of reports) {
      if (!this.#lanes.has(report.endpoint)) {
        const lane = new Lane(report.endpoint);
        this.#lanes.set(report.endpoint, lane);
        this.node.append(lane.node);
      }
      this.#lanes.get(report.endpoint).show(report);
    }
  }
}

class Lane {
  #facts = element("dl", { class: "lane-facts" });
  #decisions = element("ol", { class: "decisions" });
  #details = element("details", {}, element("summary", {}, "Last decisions"), this.#decisions);
  #report;

  constructor(endpoint) {
    this.node = element(
      "section",
      { class: "lane", "data-testid": "lane", "data-endpoint": endpoint, "aria-label": `Lane of ${endpoint}` },
      element("p", { class: "lane-name" }, `${KINDS[kindAt(endpoint)].name} lane`),
      element("p", { class: "lane-endpoint" }, element("code", {}, endpoint)),
      this.#facts,
      this.#details,
    );
    this.#details.addEventListener("toggle", () => this.#showDecisions());
  }

  show(report) {
    this.#report = report;
    const facts = laneFacts(report);
    while (this.#facts.childElementCount < facts.length) {
      this.#facts.append(element("div", {}, element("dt"), element("dd")));
    }
    facts.forEach(([label, text], index) => {
      const [name, value] = this.#facts.children[index].children;
      setText(name, label);
      setText(value, text);
    });
    this.#showDecisions();
  }

  /** The latest first; nobody reads those of a closed list. */
  #showDecisions() {
    if (!this.#details.open) return;
    const latest = this.#report.decisions.slice(-DECISIONS_SHOWN).reverse();
    while (this.#decisions.childElementCount > latest.length) this.#decisions.lastElementChild.remove();
    while (this.#decisions.childElementCount < latest.length) {
      const batch = element("span", { class: "batch-name", dir: "auto" });
      this.#decisions.append(element("li", {}, batch, " ", element("span")));
    }
    latest.forEach((decision, index) => {
      const [batch, what] = this.#decisions.children[index].children;
      setText(batch, decision.batchId);
      setText(what, decisionText(this.#report, decision));
    });
  }
}
