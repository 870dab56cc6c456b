// Who is let in, by the head of a request alone.
import { Refused } from "./refused.js";

// Each results path, from behind, and how the client asks it.
const ENDPOINTS = [
  { path: "/documentClassification/getResults", template: "classificationId", method: "getClassificationResults" },
  { path: "/getBatchResults", template: "extractionId", method: "getBatchResults" },
];

export function endpointOf({ url, method }) {
  const [path] = url.split(/[?#]/, 1);
  const endpoint = ENDPOINTS.find((known) => path.endsWith(known.path));
  if (endpoint === undefined) throw new Refused(404, "There is nothing at this address.");
  if (method !== "POST") throw new Refused(405, "Only POST is answered here.", { allow: "POST" });
  return endpoint;
}

// Without a function that decides, only pages of the proxy's own origin are let in. With one, programs are its affair too; pages of
// other origins never are.
export function admit(request, onlyPages) {
  const { headers } = request;
  admitOrigin(request, onlyPages);
  // Also what makes a browser ask before it sends such a request for another origin.
  const [type] = (headers.get("content-type") ?? "").split(";", 1);
  if (type.trim().toLowerCase() !== "application/json") throw new Refused(415, "Only content-type application/json is read.");
}

export function admitOrigin(request, onlyPages) {
  if (!isFromOwnOrigin(request, onlyPages)) throw new Refused(403, "Only pages of this origin are answered.");
}

// Browsers say how far away a page is; older ones, and those on plain http, the page's origin. Its scheme says nothing: behind a server
// that ends TLS, the request's own address is http.
function isFromOwnOrigin({ headers, url }, onlyPages) {
  const distance = headers.get("sec-fetch-site");
  if (distance !== null) return distance === "same-origin";
  const origin = headers.get("origin");
  if (origin === null) return !onlyPages;
  if (!URL.canParse(origin)) return false;
  const host = headers.get("host") ?? (URL.canParse(url) ? new URL(url).host : "");
  return hostIn(origin, host);
}

// The port of the origin's scheme may be left out, of either.
function hostIn(origin, host) {
  const { protocol, host: own } = new URL(origin);
  const spelled = `${protocol}//${host}`;
  return (protocol === "https:" || protocol === "http:") && URL.canParse(spelled) && new URL(spelled).host === own;
}

const LONGEST_TAG = 64;

// `Prefer: wait=20; since="tag"`: for how long, in milliseconds, and what is known already. Undefined without it.
export function preferenceOf({ headers }) {
  for (const preference of (headers.get("prefer") ?? "").split(",")) {
    const [first, ...parameters] = preference.split(";").map((part) => part.trim());
    const [, seconds] = /^wait\s*=\s*"?(\d{1,6})"?$/i.exec(first) ?? [];
    if (seconds === undefined) continue;
    const [since] = parameters.flatMap((parameter) => /^since\s*=\s*"?([\w.~-]+)"?$/i.exec(parameter)?.[1] ?? []);
    return { waitMs: Number(seconds) * 1_000, since: since?.length <= LONGEST_TAG ? since : undefined };
  }
  return undefined;
}
