// A Worker as its author has it: the classes of the package bound as they are, or with a few lines of its own. What the tests
// want of it arrives by POST.
import { WorkflowEntrypoint } from "cloudflare:workers";
import { ExtractaClient } from "extracta-wasm";
import { ExtractaLane, ExtractaPolls, accountLane, pollInWorkflow, verifyDelivery } from "extracta-wasm/cloudflare";

export class Lane extends ExtractaLane {}

const clientOptions = (env) => ({ token: env.EXTRACTA_API_KEY, baseUrl: env.EXTRACTA_BASE_URL, ...env.CLIENT });

export class Polls extends ExtractaPolls {
  workMs = this.env.POLLS_SETTINGS.workMs;
  deliveryTimeoutMs = this.env.POLLS_SETTINGS.deliveryTimeoutMs;
  retryMs = this.env.POLLS_SETTINGS.retryMs;
  keepMs = this.env.POLLS_SETTINGS.keepMs;
  #faultsLeft = 0;
  #tokenFaultsLeft = 0;

  client() {
    const fault = () => new Error(`no client, and ${this.env.EXTRACTA_API_KEY} must not be told`);
    if (this.#faultsLeft-- > 0) throw fault();
    const token = () => {
      if (this.#tokenFaultsLeft-- > 0) throw fault();
      return this.env.EXTRACTA_API_KEY;
    };
    return { ...clientOptions(this.env), token };
  }

  // The next so many alarms end with an exception, then so many requests for a token.
  failNext(alarms, tokens) {
    this.#faultsLeft = alarms;
    this.#tokenFaultsLeft = tokens;
  }
}

export class PollsInLane extends Polls {
  client() {
    return { ...super.client(), sharePacing: accountLane(this.env.LANE) };
  }
}

export class PollWorkflow extends WorkflowEntrypoint {
  async run({ payload }, step) {
    return pollInWorkflow(step, payload.batch, {
      ...payload.options,
      client: { ...clientOptions(this.env), sharePacing: accountLane(this.env.LANE) },
      deliver: async (delivery) => {
        const answer = await fetch(payload.receiver, { method: "POST", body: JSON.stringify(delivery), headers: { "webhook-id": delivery.id } });
        await answer.body?.cancel();
        if (!answer.ok) throw new Error("The receiver refused.");
      },
    });
  }
}

const ACTIONS = {
  // Calls a method of the object.
  call: ({ namespace = "POLLS", object = "account", method, args = [] }, env) => env[namespace].getByName(object)[method](...args),

  // Polls as a request does, with the lane that is everybody's.
  poll: async ({ batches }, env) => {
    const client = new ExtractaClient({ ...clientOptions(env), sharePacing: accountLane(env.LANE) });
    const finished = await Promise.all(batches.map((batch) => client.pollUntilDone(batch)));
    return finished.map(({ done }) => done);
  },

  // What a receiver makes of a callback.
  verify: ({ headers, body, secret, options }) => {
    return verifyDelivery(new Request("https://receiver.example/", { method: "POST", headers, body }), secret, options);
  },

  object: async ({ key }, env) => (await env.BUCKET.get(key))?.text(),

  workflow: async ({ id, params }, env) => {
    await env.WORKFLOW.create({ id, params });
  },

  workflowStatus: async ({ id }, env) => (await env.WORKFLOW.get(id)).status(),
};

export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/events") return env.POLLS.getByName("account").fetch(`https://polls/${search}`);
    const { action, ...what } = await request.json();
    try {
      return Response.json({ value: (await ACTIONS[action](what, env)) ?? null });
    } catch ({ name, message }) {
      return Response.json({ error: { name, message } });
    }
  },

  async queue({ messages }, env) {
    for (const { body } of messages) {
      const answer = await fetch(env.QUEUE_RECEIVER, { method: "POST", body: JSON.stringify(body), headers: { "webhook-id": body.id } });
      await answer.body?.cancel();
    }
  },
};
