// What is on the disk of the Worker under test.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Every text of these files that is long enough to be stored by chance nowhere. */
export function textsOf(files) {
  const texts = (value) => {
    if (typeof value === "string") return value.length >= 8 ? [value] : [];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
  };
  return files.flatMap(({ fileName, url, result }) => texts([fileName, url, result]));
}

/** None of the canaries is in any file of the folder, where what is `known` to be stored is. */
export async function assertNotStored(folder, canaries, known) {
  let isKnownThere = false;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    isKnownThere ||= bytes.includes(known);
    for (const canary of canaries) assert.ok(!bytes.includes(canary), `${canary} is in ${entry.name}`);
  }
  assert.ok(isKnownThere, "what was stored is elsewhere");
}
