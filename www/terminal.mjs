import { confidenceText, fieldNode } from "./field-model.js";

const BAR_WIDTH = 24;

/** Text from a server without control characters: an escape sequence in a file name must not steer the terminal. */
export function printable(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

export function progressLine(name, { total, failed, pending }, attempt, columns) {
  const finished = total - pending;
  const filled = total === 0 ? 0 : Math.round((finished / total) * BAR_WIDTH);
  const bar = "#".repeat(filled).padEnd(BAR_WIDTH, ".");
  const failures = failed > 0 ? `, ${failed} failed` : "";
  const line = `${printable(name).padEnd(16)} [${bar}] ${finished}/${total || "?"} finished${failures}, poll ${attempt}`;
  // A line that wraps would be two lines, and redrawing in place counts lines.
  return line.slice(0, columns);
}

/** Finished results, of either kind, as lines to read. */
export function resultLines(results) {
  return results.files.flatMap((file) => {
    const name = printable(file.fileName ?? file.fileId ?? "a file");
    const heading = `  ${name}: ${printable(file.status)}`;
    const failure = file.error ? [`    ${printable(file.error)}`] : [];
    return [heading, ...failure, ...(file.result ? valueLines(file.result, results) : [])];
  });
}

function valueLines(result, results) {
  if ("classificationId" in results) {
    return [`    ${printable(result.documentType)}, ${printable(confidenceText(result.confidence))} sure`];
  }
  return nodeLines(fieldNode(result), "    ");
}

function nodeLines(node, indent) {
  switch (node.kind) {
    case "group":
      return node.fields.flatMap(({ key, node: value }) => memberLines(`${printable(key)}:`, value, indent));
    case "list":
      return node.items.flatMap((item) => memberLines("-", item, indent));
    case "table":
      return node.rows.flatMap((cells) => {
        const fields = cells.map((cell, index) => ({ key: node.columns[index], node: cell }));
        return memberLines("-", { kind: "group", fields }, indent);
      });
    default:
      return [`${indent}${plainText(node)}`];
  }
}

function memberLines(label, node, indent) {
  const isPlain = ["text", "empty", "deep"].includes(node.kind);
  if (isPlain) return [`${indent}${label} ${plainText(node)}`];
  return [`${indent}${label}`, ...nodeLines(node, `${indent}  `)];
}

function plainText(node) {
  if (node.kind === "text") return printable(node.text);
  return node.kind === "deep" ? "(nested too deep to show)" : "(empty)";
}
