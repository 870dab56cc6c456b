// Runs a script in a Node of its own, for what cannot be seen from inside: whether a process ends by itself.
import { spawn } from "node:child_process";

/** Not a limit on how fast anything is: only so that a process that never ends fails its test instead of hanging it. */
const HUNG_MS = 120_000;

/** Answers with the exit code (null when it had to be killed) and what it printed. */
export function runNode(script, { flags = [] } = {}) {
  const child = spawn(process.execPath, [...flags, "--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const watchdog = setTimeout(() => child.kill("SIGKILL"), HUNG_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(watchdog);
      resolve({ code, stdout: stdout.trim(), stderr: stderr.trim() });
    });
  });
}
