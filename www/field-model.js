const DEEPEST = 12;

/**
 * What a value of a result is to a reader, whatever its template: `empty`, `text`, `list` (of nodes), `table` (a list of
 * objects) or `group` (an object). Keys can be missing and a declared list can arrive as a string, so only the value
 * itself decides. Below `DEEPEST` levels a value is `deep`: whatever a reply holds, the page has to stay usable.
 */
export function fieldNode(value, depth = 0) {
  if (value === null || value === undefined || value === "") return { kind: "empty" };
  if (typeof value === "object" && depth > DEEPEST) return { kind: "deep" };
  if (Array.isArray(value)) return listNode(value, depth + 1);
  if (typeof value === "object") {
    const fields = Object.entries(value).map(([key, member]) => ({ key, node: fieldNode(member, depth + 1) }));
    return fields.length === 0 ? { kind: "empty" } : { kind: "group", fields };
  }
  return { kind: "text", text: String(value) };
}

function listNode(values, depth) {
  if (values.length === 0) return { kind: "empty" };
  if (!values.every(isFilledObject)) return { kind: "list", items: values.map((value) => fieldNode(value, depth)) };
  const columns = [...new Set(values.flatMap(Object.keys))];
  const cell = (row, column) => fieldNode(Object.hasOwn(row, column) ? row[column] : null, depth);
  const rows = values.map((row) => columns.map((column) => cell(row, column)));
  return { kind: "table", columns, rows };
}

function isFilledObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** A classification's `confidence`, documented as 0 to 1; anything else is shown as it came. */
export function confidenceText(confidence) {
  const isShare = typeof confidence === "number" && confidence >= 0 && confidence <= 1;
  return isShare ? PERCENT.format(confidence) : String(confidence ?? "");
}

/** How far a batch is, as a sentence. */
export function countsText({ total, failed, pending }) {
  if (total === 0) return "No files reported yet";
  const files = total === 1 ? "file" : "files";
  const failures = failed > 0 ? `, ${failed} failed` : "";
  return `${total - pending} of ${total} ${files} finished${failures}`;
}
