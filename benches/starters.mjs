// The modules of those who ask once, to be loaded where nothing is loaded yet.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BY_HAND, OURS } from "./callers.mjs";

const peer = (name) => fileURLToPath(new URL(`../xtask/peers/${name}.js`, import.meta.url));

/** Paths by the contenders' names. */
export function startersIn(app) {
  return { [OURS]: join(app, "ours.mjs"), [BY_HAND]: peer("loop"), axios: peer("axios"), ky: peer("ky") };
}
