// For servers on several machines: one lane over the Redis they have. Plain JavaScript that loads nothing.
export { redisPacing } from "./pacing.js";
