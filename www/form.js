import { element } from "./element.js";
import { SCENARIO_GROUPS, findScenario } from "./scenarios.js";
import { SERVED_BY } from "./served-by.js";
import { isScripted } from "./source.js";

const TEMPLATES = {
  extraction: { member: "extractionId", label: "Extraction id (extractionId)", demo: "demo-extraction" },
  classification: { member: "classificationId", label: "Classification id (classificationId)", demo: "demo-classification" },
};

const [FIRST_SCENARIO] = SCENARIO_GROUPS[0].scenarios;

/** The form: what it says, what it asks for, and where the keyboard goes when a field is at fault. */
export class PollForm {
  #form = document.getElementById("poll-form");
  #source;

  /** `onStart` gets `{ chosen, kind, batch, settings }`, the last two as `client.watch` takes them. */
  constructor(source, onStart) {
    this.#source = source;
    this.#listScenarios();
    this.#preferServer();
    this.#form.addEventListener("change", (event) => this.#onChange(event));
    field("batch-id").addEventListener("input", () => this.#describeScenario());
    field("forget-key").addEventListener("click", () => {
      source.forgetKey();
      this.#showSource();
      field("api-key").focus();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onStart(this.#read());
    });
    this.#showSource();
    this.#offerDemoIds(isScripted(this.#checked("source")));
    this.#describeScenario();
  }

  /** Takes over `?kind=…&batch=…&template=…&file=…&timeout=…&unknown=…&autostart=1`; an API key is never among them. */
  fillFrom(parameters) {
    const batchId = parameters.get("batch");
    if (batchId) this.#chooseScenario(batchId);
    const kind = parameters.get("kind");
    if (Object.hasOwn(TEMPLATES, kind ?? "")) this.#setKind(kind);
    fill("template-id", parameters.get("template"));
    fill("file-id", parameters.get("file"));
    fill("timeout-seconds", parameters.get("timeout"));
    fill("request-timeout-seconds", parameters.get("request-timeout"));
    const unknown = parameters.get("unknown");
    if (["wait", "done", "throw"].includes(unknown)) field("unknown-status").value = unknown;
    if (parameters.get("autostart") === "1") this.#form.requestSubmit();
  }

  /** Puts the keyboard on a field, bringing it into view first: a poll may have been started from another source. */
  focusField(id, source) {
    field(`source-${source}`).checked = true;
    this.#showSource();
    const target = field(id);
    target.closest("details")?.setAttribute("open", "");
    target.focus();
  }

  #onChange({ target }) {
    if (target.name === "source") {
      this.#showSource();
      this.#offerDemoIds(isScripted(target.value));
    }
    if (target.name === "kind") this.#setKind(target.value);
    if (target.id === "scenario" && target.value !== "") this.#chooseScenario(target.value);
  }

  /** What answers under this page's own address is the first choice; only where that is the stand-in, it is one. */
  #preferServer() {
    const { source, baseUrl } = SERVED_BY;
    field(`source-${source}`).checked = true;
    if (source === "proxy") field("base-url").value = baseUrl;
    field("source-stand-in").closest("label").hidden = source !== "stand-in";
  }

  /** Demo ids mean something to the stand-in alone; ids that a person typed stay. */
  #offerDemoIds(wanted) {
    const batchId = text("batch-id");
    if (wanted && batchId === "") this.#chooseScenario(FIRST_SCENARIO.batchId);
    if (wanted) return;
    if (findScenario(batchId)) field("batch-id").value = "";
    if (isDemoTemplate(text("template-id"))) field("template-id").value = "";
  }

  #listScenarios() {
    const groups = SCENARIO_GROUPS.map(({ label, scenarios }) =>
      element("optgroup", { label }, ...scenarios.map(({ batchId }) => element("option", { value: batchId }, batchId))),
    );
    field("scenario").append(element("option", { value: "" }, "Another batch id"), ...groups);
  }

  #chooseScenario(batchId) {
    field("batch-id").value = batchId;
    this.#setKind(findScenario(batchId)?.kind ?? this.#checked("kind"));
    this.#describeScenario();
  }

  #describeScenario() {
    const scenario = findScenario(field("batch-id").value.trim());
    field("scenario").value = scenario?.batchId ?? "";
    field("scenario-hint").textContent = scenario?.hint ?? "The stand-in decides what an unscripted batch does.";
  }

  #setKind(kind) {
    field(`kind-${kind}`).checked = true;
    field("template-id-label").textContent = TEMPLATES[kind].label;
    const templateId = field("template-id");
    const scripted = isScripted(this.#checked("source"));
    if (scripted && (templateId.value === "" || isDemoTemplate(templateId.value))) templateId.value = TEMPLATES[kind].demo;
  }

  #showSource() {
    const source = this.#checked("source");
    for (const part of this.#form.querySelectorAll("[data-source], [data-scripted]")) {
      const shown = "scripted" in part.dataset ? isScripted(source) : part.dataset.source === source;
      part.hidden = !shown;
      for (const control of part.querySelectorAll("input, select")) control.disabled = !shown;
    }
    const { hasKey } = this.#source;
    field("api-key").required = !hasKey;
    field("api-key").placeholder = hasKey ? "Empty: the key in memory" : "";
    field("forget-key").hidden = !hasKey;
    field("api-key-state").textContent = hasKey
      ? "A key is in memory until this page is closed or reloaded. Polls that are running keep theirs."
      : "Kept in memory only, until this page is closed or reloaded.";
  }

  #checked(name) {
    return this.#form.elements[name].value;
  }

  #read() {
    const kind = this.#checked("kind");
    const batch = { [TEMPLATES[kind].member]: text("template-id"), batchId: text("batch-id") };
    const fileId = text("file-id");
    if (fileId !== "") batch.fileId = fileId;
    const settings = {
      timeoutMs: field("timeout-seconds").valueAsNumber * 1000,
      requestTimeoutMs: field("request-timeout-seconds").valueAsNumber * 1000,
      onUnknownStatus: field("unknown-status").value,
    };
    this.#takeKey();
    const chosen = this.#source.choose({ source: this.#checked("source"), baseUrl: text("base-url") });
    return { chosen, kind, batch, settings };
  }

  #takeKey() {
    const key = text("api-key");
    field("api-key").value = "";
    if (key !== "" && !field("api-key").disabled) this.#source.rememberKey(key);
    this.#showSource();
  }
}

function field(id) {
  return document.getElementById(id);
}

function isDemoTemplate(templateId) {
  return Object.values(TEMPLATES).some((template) => template.demo === templateId);
}

function text(id) {
  return field(id).value.trim();
}

function fill(id, value) {
  if (value) field(id).value = value;
}
