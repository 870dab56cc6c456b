// Runs the bundled Worker of ./app in workerd until it is ended: several Workers, each an isolate of its own, that share the
// Durable Objects of the first. Takes the folder of the installed packages, that of the bundle, one for what is stored, and the
// bindings as JSON. It leads a group of processes of its own, workerd among them, which ends when its standard input does.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { heapOf } from "./heap.mjs";
import { modulesIn } from "../../xtask/wrangler.mjs";

const [installed, bundle, storage, bindings] = process.argv.slice(2);
const { Miniflare, convertV4MiniflareOptions } = createRequire(join(installed, "package.json"))("miniflare");

const HOST = "host";
const CLASSES = { POLLS: "Polls", PLAIN: "PlainPolls", POLLS_IN_LANE: "PollsInLane", LANE: "Lane", PROXY: "AccountProxy" };
const classes = (scriptName) =>
  Object.fromEntries(Object.entries(CLASSES).map(([binding, className]) => [binding, { className, useSQLite: true, ...scriptName }]));

const common = {
  modulesRoot: bundle,
  modules: await modulesIn(bundle),
  compatibilityDate: "2026-11-01",
  compatibilityFlags: ["enable_request_signal", "request_signal_passthrough"],
  bindings: JSON.parse(bindings),
};
const others = ["one", "two", "three"].map((name) => ({
  ...common,
  name,
  routes: [`http://${name}.example/*`],
  durableObjects: classes({ scriptName: HOST }),
}));

const lines = createInterface({ input: process.stdin });
lines.on("close", () => process.kill(-process.pid, "SIGKILL"));

const server = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    inspectorPort: 0,
    resourcePersistencePath: storage,
    workers: [
      {
        ...common,
        name: HOST,
        durableObjects: classes(),
        r2Buckets: ["BUCKET"],
        queueProducers: { QUEUE: "results" },
        queueConsumers: { results: { maxBatchTimeout: 0.05 } },
        workflows: { WORKFLOW: { name: "poll", className: "PollWorkflow" } },
      },
      ...others,
    ],
  }),
);
const { origin } = await server.ready;
// `heap 7` is answered with `heap 7 1234567`.
lines.on("line", async (line) => console.log(`${line} ${await heapOf(await server.getInspectorURL(), HOST)}`));
console.log(`listening on ${origin}`);
