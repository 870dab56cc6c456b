import { Refused } from "./refused.js";

/** Lets in, by its head alone, only a request such as the client sends from a page of this very origin. */
export function admit(request) {
  if (request.method !== "POST") throw new Refused(405, "Only POST is answered here.", { allow: "POST" });
  if (!isFromOwnPage(request)) throw new Refused(403, "Only pages of this origin are answered.");
  // Also what makes a browser ask before it sends such a request for another origin.
  if (!isJson(request.headers.get("content-type"))) throw new Refused(415, "Only content-type application/json is read.");
}

/**
 * The same without a body. Browsers send no `Origin` with a GET of the same origin, but say how far away the page is.
 */
export function admitReading({ headers, url }) {
  const isOwn = (headers.get("origin") ?? new URL(url).origin) === new URL(url).origin;
  if (!isOwn || headers.get("sec-fetch-site") !== "same-origin") throw new Refused(403, "Only pages of this origin are answered.");
}

/**
 * Browsers send `Origin` with every POST and let no script choose it. A request without one is no page's, and refused:
 * a program has no need of this detour. Browsers of today also say how far away the page is.
 */
function isFromOwnPage({ headers, url }) {
  const distance = headers.get("sec-fetch-site") ?? "same-origin";
  return headers.get("origin") === new URL(url).origin && distance === "same-origin";
}

function isJson(contentType) {
  const [type] = (contentType ?? "").split(";");
  return type.trim().toLowerCase() === "application/json";
}
