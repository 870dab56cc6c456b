// Receives Extracta's webhook. Plain JavaScript over WebCrypto: nothing here loads the wasm.
export { WebhookError, isWebhookError } from "./error.js";
export { WebhookReceiver } from "./receiver.js";
export { verifyWebhook } from "./verify.js";
