/**
 * A Cloudflare Worker that serves the demo page and keeps the API key away from it. The page's client asks with
 * `baseUrl: "/api/extracta"`; what it may ask goes on to Extracta.ai with the key, which is a secret of the Worker. A page may
 * also leave a batch to the Worker, which polls it by alarm and keeps the results in a bucket; Extracta's webhook, where it is
 * set up, ends such a wait at once.
 *
 * It tells its own pages from those of other origins, not one visitor from another: put it behind a login before it
 * guards documents that not every visitor may read. What it polls itself keeps one lane. Pages have lanes of their own: pages
 * open at the same time share the key but no lane; a 429 that this brings about reaches its page as it is, which then waits.
 */
import { answering } from "./answering.js";
import { answerPolls } from "./polls.js";
import { askResults } from "./results.js";
import { routes } from "./routes.js";
import { receiveWebhook } from "./webhook.js";

export { Lane, Polls } from "./polls.js";

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
