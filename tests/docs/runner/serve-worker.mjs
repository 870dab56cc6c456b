// Runs a bundled Worker in workerd until its standard input ends. Takes the folder of the installed packages, and the settings
// that workerd.mjs makes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { modulesIn } from "../../../xtask/wrangler.mjs";
import { renamed } from "./renamed.mjs";

const [installed, settings] = process.argv.slice(2);
const { out, main, config, bindings, standin, batch, elsewhere, workflows, buckets } = JSON.parse(settings);
const { Miniflare, convertV4MiniflareOptions, Response: WorkersResponse } = createRequire(join(installed, "package.json"))("miniflare");

const page = config ? JSON.parse(readFileSync(config, "utf8")) : { compatibility_date: "2026-11-01" };
const sqlite = (page.migrations ?? []).flatMap(({ new_sqlite_classes }) => new_sqlite_classes ?? []);
const objects = (page.durable_objects?.bindings ?? []).map(({ name, class_name }) => [name, { className: class_name, useSQLite: sqlite.includes(class_name) }]);

/** Nothing leaves this machine: the API is the stand-in, and everything else is the test's. */
async function outbound(request) {
  const { hostname, pathname } = new URL(request.url);
  const body = Buffer.from(await request.arrayBuffer());
  // Those of the body and the connection are made anew, as the body may have another length.
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !["content-length", "host", "connection", "transfer-encoding"].includes(name)));
  const target = hostname === "api.extracta.ai" ? `${standin}${pathname}` : elsewhere && `${elsewhere}${pathname}`;
  if (!target) return new WorkersResponse(`nobody is at ${hostname}`, { status: 502 });
  const isResults = hostname === "api.extracta.ai";
  const response = isResults ? await renamed(target, { body, headers, batch }) : await fetch(target, { method: request.method, headers, body });
  return new WorkersResponse(await response.text(), { status: response.status, headers: { "content-type": response.headers.get("content-type") ?? "text/plain" } });
}

const server = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    workers: [
      {
        name: "app",
        modulesRoot: out,
        modules: await modulesIn(out, main),
        compatibilityDate: page.compatibility_date,
        compatibilityFlags: page.compatibility_flags ?? [],
        bindings,
        durableObjects: Object.fromEntries(objects),
        workflows: Object.fromEntries(Object.entries(workflows).map(([binding, className]) => [binding, { name: "flow", className }])),
        r2Buckets: buckets,
        outboundService: outbound,
      },
    ],
  }),
);
const { origin } = await server.ready;
process.stdin.on("end", () => server.dispose().finally(() => process.exit())).resume();
console.log(`listening on ${origin}`);
