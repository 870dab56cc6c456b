/**
 * Makes an element. Children that are strings become text nodes, so untrusted text can never become markup.
 * An attribute that is `undefined` or `false` is left out.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

export function button(label, onClick, attributes = {}) {
  const node = element("button", { type: "button", ...attributes }, label);
  node.addEventListener("click", onClick);
  return node;
}

/** Writing the same text again would still be a change to whoever watches the page. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
