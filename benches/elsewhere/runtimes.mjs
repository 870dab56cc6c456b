// What pages and Workers are run with.

/** With these headers a page's clock is exact to 5 microseconds. */
export const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export const COMPATIBILITY_DATE = "2026-11-01";
