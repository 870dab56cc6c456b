/** The batches that the stand-in has a script for. Without a `kind`, either kind of poll shows the same thing. */
export const SCENARIO_GROUPS = [
  {
    label: "Demos",
    scenarios: [
      { batchId: "demo-invoices", kind: "extraction", hint: "Five invoices, finished bit by bit until the fourth poll." },
      { batchId: "demo-resumes", kind: "extraction", hint: "Four résumés with nested fields and lists, bit by bit." },
      { batchId: "demo-inbox", kind: "classification", hint: "A mixed inbox: each file gets a type and a confidence." },
      { batchId: "linked", kind: "classification", hint: "Types linked to an extraction, which can be polled from the result." },
    ],
  },
  {
    label: "Waiting",
    scenarios: [
      { batchId: "done", hint: "Finished at the first poll." },
      { batchId: "waits-3", hint: "Waits for three polls, then is finished." },
      { batchId: "one-by-one", hint: "One more file is finished at each poll, in changing order." },
      { batchId: "mixed", hint: "Files of every status side by side, finished at the third poll." },
      { batchId: "forever", hint: "Never finishes. Set a short limit under More options to see the poll give up." },
      { batchId: "unknown-status", hint: "A file status the package does not know. More options decide what it means." },
    ],
  },
  {
    label: "Contents",
    scenarios: [
      { batchId: "with-failure", hint: "One file failed. That is a result, not an error." },
      { batchId: "files-200", hint: "200 files." },
      { batchId: "huge", hint: "A very large reply." },
      { batchId: "extra-members", hint: "Members that the documentation does not name. They stay in the raw JSON." },
      { batchId: "injection", hint: "Results that try to be markup, links and spreadsheet formulas." },
    ],
  },
  {
    label: "Trouble that passes",
    scenarios: [
      { batchId: "http-503-then-done", hint: "The server is unavailable at first, then answers." },
      { batchId: "reset-then-done", hint: "The connection breaks at first, then the server answers." },
      { batchId: "rate-limited", hint: "Answers 429 and says how long to wait." },
      { batchId: "rate-limited-silent", hint: "Answers 429 and does not say how long to wait." },
    ],
  },
  {
    label: "Trouble that stays",
    scenarios: [
      { batchId: "error-style-error", hint: "HTTP 200 with an error in the body." },
      { batchId: "error-style-status", hint: "HTTP 200 with status “error”: tried again a few times." },
      { batchId: "http-401", hint: "The API key is refused." },
      { batchId: "http-404", hint: "The batch is not known." },
      { batchId: "html-502", hint: "A gateway answers with an HTML page." },
      { batchId: "never-answers", hint: "No answer. Shorten the request limit under More options to see it sooner." },
    ],
  },
];

const SCENARIOS = SCENARIO_GROUPS.flatMap((group) => group.scenarios);

export function findScenario(batchId) {
  return SCENARIOS.find((scenario) => scenario.batchId === batchId);
}
