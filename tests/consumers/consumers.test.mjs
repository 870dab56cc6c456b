// Consumers of the packed tarball, each a small app of a few lines without loader, plugin or init, polling to the end.
import { describe } from "node:test";
import { printTableAtTheEnd } from "./runner/consumer.mjs";

printTableAtTheEnd();

// A poll is mostly waiting: several fit into the time of one.
await describe("consumers", { concurrency: 4 }, async () => {
  await import("./runner/next.mjs"); // The slowest first.
  await import("./runner/runtimes.mjs");
  await import("./runner/test-runners.mjs");
  await import("./runner/uploads.mjs");
  await import("./runner/workers.mjs");
  await import("./runner/crossing.mjs");
  await import("./runner/proxied.mjs");
  await import("./runner/pages.mjs");
  await import("./runner/frames.mjs");
  await import("./runner/refused.mjs");
  await import("./runner/checks.mjs");
});
