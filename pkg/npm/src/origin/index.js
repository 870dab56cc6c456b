// For pages, workers, service workers and extensions: one lane for all of a web origin. Plain JavaScript that loads nothing.
export { originPacing } from "./pacing.js";
