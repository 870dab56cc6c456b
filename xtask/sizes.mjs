// Prints what the files given cost to download.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const row = (name, ...columns) => console.log(name.padEnd(22) + columns.map((column) => String(column).padStart(11)).join(""));

row("", "bytes", "gzip -9", "brotli -11");
for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file);
  row(basename(file), bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);
}
