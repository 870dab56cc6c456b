// Receives Extracta's webhook, and deliveries of durable polls. Plain JavaScript over WebCrypto: nothing here loads the wasm.
export { WebhookError, isWebhookError } from "./error.js";
export { WebhookReceiver } from "./receiver.js";
export { verifyDelivery } from "./standard.js";
export { verifyWebhook } from "./verify.js";
