/** The part of the Worker that leaves batches to its object of polls, for tests in Node: the rest needs workerd. */
import { answering } from "./answering.js";
import { answerPolls } from "./polls.js";
import { routes } from "./routes.js";

export const KEY = "canary-key-5b1c";

export const worker = { fetch: answering(routes([["/api/polls/", answerPolls]])) };

/** What the Worker finds in `env`; `started` holds each batch that reached the object. */
export function polls({ startOnce = () => ({ id: "poll" }), status, results } = {}) {
  const started = [];
  const object = {
    async startOnce(batch, options) {
      started.push({ batch, options });
      return startOnce();
    },
    status: async (id) => status?.(id),
    cancel: async (id) => status?.(id),
    fetch: async () => new Response(null, { status: 404 }),
  };
  const RESULTS = { get: async (key) => results?.(key) ?? null };
  return { started, env: { EXTRACTA_API_KEY: KEY, POLLS: { getByName: () => object }, RESULTS } };
}
