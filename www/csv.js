const FIRST_COLUMNS = ["fileId", "fileName", "status"];
const LIST_SEPARATOR = "; ";

/**
 * The files of a batch as RFC 4180 text: one row per file, nested members as dotted columns (`result.items.0.name`),
 * a list of plain values in one cell. Dots and backslashes inside a key are escaped with a backslash, which keeps
 * `{"a.b": 1}` and `{"a": {"b": 1}}` apart.
 */
export function filesToCsv(files) {
  const rows = files.map((file) => flatten(file));
  const found = new Set(rows.flatMap((row) => [...row.keys()]));
  const leading = FIRST_COLUMNS.filter((column) => found.delete(column));
  const columns = [...leading, ...found];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row.get(column) ?? ""))];
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

/** A Map, as a key of a result may be called `__proto__`. */
function flatten(value, path = [], row = new Map()) {
  if (isPlainList(value)) {
    row.set(path.join("."), value.map(cellText).join(LIST_SEPARATOR));
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) flatten(member, [...path, key.replace(/[\\.]/g, "\\$&")], row);
  } else {
    row.set(path.join("."), cellText(value));
  }
  return row;
}

function isPlainList(value) {
  return Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null);
}

function cellText(value) {
  return value === null || value === undefined ? "" : String(value);
}

/**
 * One cell. A spreadsheet runs a cell that begins with one of these characters as a formula, so such a cell, heading or
 * value, gets an apostrophe in front. Semicolons and tabs are quoted too: spreadsheets of many locales split there, and
 * what follows would begin a cell of its own.
 */
export function csvCell(text) {
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
