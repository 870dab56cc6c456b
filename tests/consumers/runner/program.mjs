// Other programs, each stopped at the end of its test, whatever the end, or with this process.
import { spawn } from "node:child_process";

// Not a limit on how fast anything is: only so that a program that never says what it is to say fails its test.
const HUNG_MS = 240_000;

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts a program that goes on; `until` waits for a line and gives its match. */
export function start(t, program, args, { env = {}, ...options } = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env }, ...options });
  const shown = [program, ...args].join(" ");
  let [stdout, stderr] = ["", ""];
  const onOutput = new Set();
  child.stdout.on("data", (data) => {
    stdout += data;
    onOutput.forEach((tell) => tell());
  });
  child.stderr.on("data", (data) => (stderr += data));
  const failure = (what) => new Error(`\`${shown}\` ${what}\n${stderr}\n${stdout}`.trimEnd());

  running.add(child);
  const ended = new Promise((resolve, reject) => {
    child.on("error", (error) => reject(failure(`could not start: ${error.message}`)));
    child.on("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => running.delete(child));
  ended.catch(() => {});
  t.after(async () => {
    child.kill("SIGKILL");
    await ended.catch(() => {});
  });

  const finished = async () => {
    const { code, signal } = await ended;
    if (code !== 0) throw failure(`ended with ${code ?? signal}`);
    return stdout;
  };
  const until = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(stdout);
        if (match) resolve(match);
      };
      onOutput.add(look);
      look();
      ended.then(() => reject(failure(`ended before it printed ${pattern}`)), reject);
      setTimeout(() => reject(failure(`did not print ${pattern}`)), HUNG_MS).unref();
    });
  return { child, finished, until };
}

/** Runs a program to the end and gives what it printed; an exit code other than 0 is an error. */
export function run(t, program, args, options) {
  return start(t, program, args, options).finished();
}
