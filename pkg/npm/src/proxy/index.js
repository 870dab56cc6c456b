// The server between web pages and the API: keeps the key, and paces the account for all who visit.
export { createProxy } from "./proxy.js";
export { toNodeHandler } from "./node.js";
