// Tables in the terminal.

export function shown({ title, note, head, rows }) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column] + 2))).join("").trimEnd();
  return ["", title, note, "", ...[head, ...rows].map(line)].join("\n");
}
