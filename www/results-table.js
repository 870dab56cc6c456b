import { element } from "./element.js";
import { confidenceText, fieldNode } from "./field-model.js";
import { appendPaged } from "./show-more.js";

const LONGEST_TEXT = 2_000;

/** The fields of one extracted file as a table of name and value. */
export function extractionTable(result, label) {
  const node = fieldNode(result);
  if (node.kind !== "group") return element("div", { class: "value" }, valueView(node));
  return fieldTable(node.fields.map(({ key, node: value }) => [key, valueView(value)]), label);
}

/** What one classified file is, and how sure the service is. */
export function classificationTable(result, label) {
  const type = valueView(fieldNode(result?.documentType));
  return fieldTable([["Type", type], ["Confidence", confidenceText(result?.confidence)]], label);
}

function fieldTable(rows, label) {
  const body = element("tbody");
  const box = element("div", { class: "table-box" });
  const table = element("table", { class: "fields", "aria-label": label }, body);
  box.append(table);
  const row = ([name, value]) =>
    element("tr", {}, element("th", { scope: "row" }, isolated(name)), element("td", {}, value));
  appendPaged(body, rows, row, { after: box, what: "fields" });
  return box;
}

function valueView(node) {
  switch (node.kind) {
    case "text":
      return textView(node.text);
    case "list":
      return listView(node.items);
    case "table":
      return subTable(node);
    case "group":
      return groupView(node.fields);
    case "deep":
      return element("span", { class: "no-value" }, "nested too deep to show, see the raw JSON");
    default:
      return element("span", { class: "no-value" }, "empty");
  }
}

/** Text of either direction, in its own order but in the place the layout gives it. */
function isolated(text) {
  return element("bdi", {}, text);
}

function textView(text) {
  if (text.length <= LONGEST_TEXT) return isolated(text);
  const rest = element("span", { class: "no-value" }, ` … ${text.length - LONGEST_TEXT} more characters in the raw JSON`);
  return element("span", {}, isolated(text.slice(0, LONGEST_TEXT)), rest);
}

function listView(items) {
  const list = element("ul", { class: "value-list" });
  const box = element("div", {}, list);
  const item = (node) => element("li", {}, valueView(node));
  appendPaged(list, items, item, { after: box, what: "entries" });
  return box;
}

function groupView(fields) {
  const list = element("dl", { class: "group" });
  const box = element("div", {}, list);
  const pair = ({ key, node }) =>
    element("div", {}, element("dt", {}, isolated(key)), element("dd", {}, valueView(node)));
  appendPaged(list, fields, pair, { after: box, what: "fields" });
  return box;
}

function subTable({ columns, rows }) {
  const headings = columns.map((column) => element("th", { scope: "col" }, isolated(column)));
  const body = element("tbody");
  const table = element("table", { class: "sub-table" }, element("thead", {}, element("tr", {}, ...headings)), body);
  // Focusable, so that a keyboard can scroll a table wider than the page.
  const reachable = { class: "scroller", tabindex: "0", role: "group", "aria-label": "Table, may scroll sideways" };
  const scroller = element("div", reachable, table);
  const box = element("div", {}, scroller);
  const row = (cells) =>
    element("tr", {}, ...cells.map((node) => element("td", {}, valueView(node))));
  appendPaged(body, rows, row, { after: box, what: "rows" });
  return box;
}
