import { element } from "./element.js";
import { field, fill, text } from "./field.js";
import { KINDS, isDemoTemplate } from "./kinds.js";
import { SCENARIO_GROUPS, findScenario } from "./scenarios.js";

const [FIRST_SCENARIO] = SCENARIO_GROUPS[0].scenarios;

/** The part of the form that names one batch. */
export class OneBatch {
  #part = field("one-batch");
  #isScripted;

  /** `isScripted` says whether the chosen source has scripted batches. */
  constructor(isScripted) {
    this.#isScripted = isScripted;
    this.#listScenarios();
    this.#part.addEventListener("change", ({ target }) => {
      if (target.name === "kind") this.#setKind(target.value);
      if (target.id === "scenario" && target.value !== "") this.#chooseScenario(target.value);
    });
    field("batch-id").addEventListener("input", () => this.#describeScenario());
    this.#describeScenario();
  }

  /** Demo ids mean something to a stand-in alone; ids that a person typed stay. */
  offerDemoIds() {
    const scripted = this.#isScripted();
    const batchId = text("batch-id");
    if (scripted && batchId === "") this.#chooseScenario(FIRST_SCENARIO.batchId);
    if (scripted) return;
    if (findScenario(batchId)) field("batch-id").value = "";
    if (isDemoTemplate(text("template-id"))) field("template-id").value = "";
  }

  fillFrom(parameters) {
    const batchId = parameters.get("batch");
    if (batchId) this.#chooseScenario(batchId);
    const kind = parameters.get("kind");
    if (Object.hasOwn(KINDS, kind ?? "")) this.#setKind(kind);
    fill("template-id", parameters.get("template"));
    fill("file-id", parameters.get("file"));
  }

  /** `{ kind, batch }`, the latter as `client.watch` takes it. */
  read() {
    const kind = this.#kind;
    const batch = { [KINDS[kind].templateMember]: text("template-id"), batchId: text("batch-id") };
    const fileId = text("file-id");
    if (fileId !== "") batch.fileId = fileId;
    return { kind, batch };
  }

  get #kind() {
    return this.#part.querySelector('[name="kind"]:checked').value;
  }

  #listScenarios() {
    const groups = SCENARIO_GROUPS.map(({ label, scenarios }) =>
      element("optgroup", { label }, ...scenarios.map(({ batchId }) => element("option", { value: batchId }, batchId))),
    );
    field("scenario").append(element("option", { value: "" }, "Another batch id"), ...groups);
  }

  #chooseScenario(batchId) {
    field("batch-id").value = batchId;
    this.#setKind(findScenario(batchId)?.kind ?? this.#kind);
    this.#describeScenario();
  }

  #describeScenario() {
    const scenario = findScenario(text("batch-id"));
    field("scenario").value = scenario?.batchId ?? "";
    field("scenario-hint").textContent = scenario?.hint ?? "The stand-in decides what an unscripted batch does.";
  }

  #setKind(kind) {
    field(`kind-${kind}`).checked = true;
    field("template-id-label").textContent = KINDS[kind].templateLabel;
    const templateId = field("template-id");
    if (this.#isScripted() && (templateId.value === "" || isDemoTemplate(templateId.value))) {
      templateId.value = KINDS[kind].demoTemplate;
    }
  }
}
