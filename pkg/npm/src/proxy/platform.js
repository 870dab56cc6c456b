// Where the proxy runs.

// In a Worker each promise and each timer ends with its own request, and Cloudflare says where requests come from.
export function isWorker() {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
