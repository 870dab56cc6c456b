// For Cloudflare Workers: what needs Durable Objects, Queues, R2 or Workflows around the client.
// The client itself is imported, not bundled: a Worker that uses both entries has one wasm and one set of lanes.
export { DeliveryError } from "./delivery-error.js";
export { ExtractaLane, accountLane } from "./lane.js";
export { ExtractaPolls } from "./polls.js";
export { ExtractaProxy } from "./proxy.js";
export { verifyDelivery } from "../webhooks/standard.js";
export { pollInWorkflow } from "./workflow.js";
