import { element } from "./element.js";

/** Whether a link from a result may be followed: anything but http and https, `javascript:` say, stays text. */
export function isWebAddress(url) {
  if (typeof url !== "string") return false;
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

export function documentLink(url, fileName) {
  if (!isWebAddress(url)) return element("code", { class: "dead-link" }, String(url));
  return element(
    "a",
    { href: url, rel: "noopener noreferrer", target: "_blank" },
    "Open document",
    element("span", { class: "visually-hidden" }, ` ${fileName} in a new tab`),
  );
}
