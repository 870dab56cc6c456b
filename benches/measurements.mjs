// What can be measured, each in a process of its own, one after the other.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const MEASUREMENTS = ["size", "start", "call", "memory", "spacing", "delay", "scheduling"];

/** The figures of a measurement. */
export async function figuresOf(name, { short = false } = {}) {
  const child = fork(fileURLToPath(new URL("one.mjs", import.meta.url)), [name, short ? "short" : "full"], { execArgv: ["--expose-gc"] });
  let figures;
  child.on("message", (message) => (figures = message));
  const [code] = await once(child, "exit");
  if (code !== 0 || !figures) throw new Error(`the measurement "${name}" failed; its own message is above`);
  return figures;
}
