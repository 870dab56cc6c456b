import { element } from "./element.js";

const KEPT = 20;

/** Reports to screen readers, politely. Only for what changed state: countdowns and clocks do not belong here. */
export function announce(message) {
  const log = document.getElementById("announcer");
  log.append(element("p", {}, message));
  while (log.childElementCount > KEPT) log.firstElementChild.remove();
}
