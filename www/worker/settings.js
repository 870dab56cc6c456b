import { Refused } from "./refused.js";

const DEFAULT_BASE_URL = "https://api.extracta.ai/api/v1";

/** Tests and the demo put a stand-in on this machine behind the Worker. */
const THIS_MACHINE = ["127.0.0.1", "localhost", "[::1]"];

/** What a deployment sets: the key, and perhaps another address of the API. */
export function settingsFrom({ EXTRACTA_API_KEY, EXTRACTA_BASE_URL }) {
  return { apiKey: apiKeyFrom(EXTRACTA_API_KEY), baseUrl: baseUrlFrom(EXTRACTA_BASE_URL ?? DEFAULT_BASE_URL) };
}

function apiKeyFrom(secret) {
  // A key that was piped in from a file brings the end of its line.
  const apiKey = (secret ?? "").trim();
  if (/^[\x21-\x7e]+$/.test(apiKey)) return apiKey;
  const what = apiKey === "" ? "is not set" : "is not visible ASCII";
  throw new Refused(500, `The Worker's secret EXTRACTA_API_KEY ${what}: wrangler secret put EXTRACTA_API_KEY`);
}

/** Without a slash at the end. Over plain http the key could be read on its way. */
function baseUrlFrom(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && THIS_MACHINE.includes(url.hostname))) {
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  }
  throw new Refused(500, "The Worker's variable EXTRACTA_BASE_URL is not an https address.");
}
