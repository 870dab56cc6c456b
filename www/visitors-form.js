import { field } from "./field.js";
import { SERVED_BY } from "./served-by.js";

/** Asks how many visitors there are to be, where the page is served by a proxy before a stand-in: elsewhere they have no batches. */
export function offerVisitors(onStart) {
  if (!(SERVED_BY.scripted && SERVED_BY.source === "proxy")) return;
  field("visitors").hidden = false;
  field("visitors-form").addEventListener("submit", (event) => {
    event.preventDefault();
    onStart(field("visitor-count").valueAsNumber);
  });
}
