import { button } from "./element.js";

export const PAGE_SIZE = 100;

/**
 * Appends the first hundred items to `list` and puts a button after it for the next hundred, as a browser stalls on tens
 * of thousands of rows. Answers with the button, or nothing when all items are shown.
 */
export function appendPaged(list, items, render, { after, what }) {
  let shown = 0;
  const more = button("", () => {
    const firstNew = list.childElementCount;
    appendPage();
    list.children[firstNew]?.focus();
  }, { class: "quiet", "data-testid": "show-more" });

  function appendPage() {
    const page = items.slice(shown, shown + PAGE_SIZE);
    list.append(...page.map((item, index) => render(item, shown + index)));
    shown += page.length;
    more.textContent = `Show ${Math.min(PAGE_SIZE, items.length - shown)} more of ${items.length} ${what}`;
    if (shown >= items.length) more.remove();
  }

  appendPage();
  if (shown < items.length) after.append(more);
}
