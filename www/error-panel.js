import { button, element } from "./element.js";

/**
 * The part of a card that says what went wrong and offers what helps: `pollAgain` too, unless that is left out. `explanation` comes
 * from `explain`.
 */
export function errorPanel(explanation, { pollAgain, focusField, label = "Poll again" }) {
  const { code, title, advice, atFault, facts } = explanation;
  const actions = pollAgain ? [button(label, pollAgain, { "data-testid": "poll-again" })] : [];
  if (atFault) actions.unshift(button(atFault.label, () => focusField(atFault.field), { "data-testid": "fix-field" }));
  return element(
    "div",
    { class: "poll-error", "data-testid": "poll-error", "data-code": code },
    element("p", { class: "error-title" }, title, " ", element("code", {}, code)),
    element("p", {}, advice),
    factList(facts),
    element("div", { class: "actions" }, ...actions),
  );
}

function factList(facts) {
  if (facts.length === 0) return "";
  const pairs = facts.flatMap(([label, text]) => [element("dt", {}, label), element("dd", { dir: "auto" }, text)]);
  return element("dl", { class: "facts" }, ...pairs);
}
