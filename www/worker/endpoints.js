import { Refused } from "./refused.js";

/** Each results endpoint with the id that it takes besides `batchId` and `fileId`. */
const TEMPLATES = new Map([
  ["getBatchResults", "extractionId"],
  ["documentClassification/getResults", "classificationId"],
]);

/** The name of that id. There is nothing at the address of any other endpoint. */
export function templateOf(endpoint) {
  const template = TEMPLATES.get(endpoint);
  if (template === undefined) throw new Refused(404, "There is nothing at this address.");
  return template;
}
