/**
 * What answers under this page's own address: the stand-in, with scripted batches. A deployed page has a file of its own
 * in place of this one, which may name where `polls` are left to the server and which `standin` is behind it, and takes no `uploads`:
 * see worker/assets.mjs.
 */
export const SERVED_BY = { source: "stand-in", baseUrl: "/api/v1", scripted: true, uploads: true };
