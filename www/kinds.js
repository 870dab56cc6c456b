/** The two kinds of batch: how they are called, and what the API calls their ids and endpoints. */
export const KINDS = {
  extraction: {
    name: "Extraction",
    templateMember: "extractionId",
    templateLabel: "Extraction id (extractionId)",
    demoTemplate: "demo-extraction",
    endpoint: "getBatchResults",
  },
  classification: {
    name: "Classification",
    templateMember: "classificationId",
    templateLabel: "Classification id (classificationId)",
    demoTemplate: "demo-classification",
    endpoint: "documentClassification/getResults",
  },
};

export function kindOf(batch) {
  return KINDS.classification.templateMember in batch ? "classification" : "extraction";
}

export function kindAt(endpoint) {
  return Object.keys(KINDS).find((kind) => KINDS[kind].endpoint === endpoint);
}

/** Such an id means something to a stand-in alone. */
export function isDemoTemplate(templateId) {
  return Object.values(KINDS).some(({ demoTemplate }) => demoTemplate === templateId);
}
