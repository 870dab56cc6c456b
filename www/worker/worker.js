/**
 * A Cloudflare Worker that serves the demo page and keeps the API key away from it. The page's client asks with
 * `baseUrl: "/api/extracta"`; what it may ask goes on to Extracta.ai with the key, which is a secret of the Worker. A page may
 * also leave a batch to the Worker, which polls it by alarm and keeps the results in a bucket; Extracta's webhook, where it is
 * set up, ends such a wait at once.
 *
 * All that asks with the key shares the account's lane: pages, which are held until it is their turn, and what the Worker polls itself.
 * It distinguishes its own pages from those of other origins, not one visitor from another: put it behind a login before it guards documents
 * that not every visitor may read.
 */
import { answering } from "./answering.js";
import { answerPolls } from "./polls.js";
import { askResults } from "./results.js";
import { routes } from "./routes.js";
import { receiveWebhook } from "./webhook.js";

export { Polls, Proxy } from "./objects.js";

/** The files of the page are served before this is asked: see `assets` in wrangler.jsonc. */
export default {
  fetch: answering(
    routes([
      ["/api/extracta/", askResults],
      ["/api/polls/", answerPolls],
      ["/api/webhook", receiveWebhook],
    ]),
  ),
};
