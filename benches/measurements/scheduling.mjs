// The order among many batches, over virtual time: simulation/benches/scheduling, which `cargo xtask bench` runs before.
import { readFile } from "node:fs/promises";
import { scheduling } from "../settings.mjs";

export async function measure() {
  return JSON.parse(await readFile(scheduling, "utf8"));
}
