// Asks the Worker whose file is named, and prints its answer.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { default: worker } = await import(pathToFileURL(resolve(process.argv[2])));
const waited = [];
const context = { waitUntil: (promise) => waited.push(promise) };
const env = { ...process.env, EXTRACTA_WEBHOOK_SECRET: "secret" };
const response = await worker.fetch(new Request("https://app.example/"), env, context);
console.log(await response.text());
await Promise.all(waited);
if (response.status >= 500) process.exitCode = 1;
