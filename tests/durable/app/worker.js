// A Worker as its author has it: the classes of the package bound as they are, or with a few lines of its own. What the tests
// want of it arrives by POST.
import { WorkflowEntrypoint } from "cloudflare:workers";
import { ExtractaClient } from "extracta-wasm";
import { ExtractaLane, ExtractaPolls, ExtractaProxy, accountLane, pollInWorkflow, verifyDelivery } from "extracta-wasm/cloudflare";
import { createProxy } from "extracta-wasm/proxy";

export class Lane extends ExtractaLane {}

// Memories of the wasm, of which the package makes one with its first client.
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...all) {
  const instance = new Instance(...all);
  memories.push(...Object.values(instance.exports).filter((value) => value instanceof WebAssembly.Memory));
  return instance;
};

const clientOptions = (env) => ({ token: env.EXTRACTA_API_KEY, baseUrl: env.EXTRACTA_BASE_URL, ...env.CLIENT });

/** Visitors say who they are. */
const authorize = ({ headers }) => headers.get("x-visitor") ?? true;

export class AccountProxy extends ExtractaProxy {
  options() {
    return { ...super.options(), ...this.env.CLIENT, authorize };
  }
}

/** One in each isolate, which share a lane. */
let plainProxy;

/** What the test wants said in an error, as a server may quote a document. */
const says = (status, words) => Response.json({ status: "error", error: words, message: words }, { status });

/** The class as it is, with no more than a test on this machine needs. */
export class PlainPolls extends ExtractaPolls {
  retryMs = 50;
  allowLocalCallbacks = this.env.POLLS_SETTINGS.allowLocalCallbacks ?? true;
}

export class Polls extends ExtractaPolls {
  workMs = this.env.POLLS_SETTINGS.workMs;
  deliveryTimeoutMs = this.env.POLLS_SETTINGS.deliveryTimeoutMs;
  retryMs = this.env.POLLS_SETTINGS.retryMs;
  keepMs = this.env.POLLS_SETTINGS.keepMs;
  allowLocalCallbacks = true;
  #faultsLeft = 0;
  #tokenFaultsLeft = 0;
  #key = "right";
  #clientIs;
  #rows = { read: 0, written: 0 };

  constructor(ctx, env) {
    super(ctx, env);
    this.ctx = counting(ctx, (read, written) => {
      this.#rows.read += read;
      this.#rows.written += written;
    });
  }

  client() {
    const fault = () => new Error(`no client, and ${this.env.EXTRACTA_API_KEY} must not be told`);
    if (this.#faultsLeft-- > 0 || this.#key === "none to be had") throw fault();
    const token = () => {
      if (this.#tokenFaultsLeft-- > 0) throw fault();
      return this.#key === "malformed when asked for" ? "a key\n" : this.env.EXTRACTA_API_KEY;
    };
    const fetching = (url, init) => {
      const { batchId } = JSON.parse(init.body);
      const [, status, words] = /^says-(\d+)-(.*)/.exec(batchId) ?? [];
      if (status) return says(Number(status), [...words].reverse().join(""));
      const isRight = new Headers(init.headers).get("authorization") === `Bearer ${this.env.EXTRACTA_API_KEY}` && this.#key !== "refused";
      return isRight ? fetch(url, init) : says(401, `not the key of ${batchId}`);
    };
    const onEvent = this.env.POLLS_SETTINGS.eventsFail && (() => { throw fault(); });
    const options = { ...clientOptions(this.env), fetch: fetching, ...(onEvent && { onEvent }) };
    if (this.#clientIs === "a promise") return scheduler.wait(20).then(() => ({ ...options, token }));
    if (this.#clientIs === "no object") return "options";
    if (this.#key === "missing") return { ...options, token: undefined };
    return { ...options, token: this.#key === "malformed" ? "a key\n" : token };
  }

  // Which key there is from now on.
  setKey(key) {
    this.#key = key;
  }

  // For how long the object sleeps, if it does.
  async sleepsFor() {
    const at = await this.ctx.storage.getAlarm();
    return at === null ? null : at - Date.now();
  }

  setClient(what) {
    this.#clientIs = what;
  }

  // A start of an object whose author set a number; none can be sent as it is.
  startWith(name, number, batches, options) {
    this[name] = Number(number);
    return this.start(batches, options);
  }

  // What happens to a machine whose clock is set wrong for a while. It is that of the whole isolate.
  async clockAhead(aheadMs, forMs) {
    const { now } = Date;
    Date.now = () => now() + aheadMs;
    await new Promise((resolve) => setTimeout(resolve, forMs));
    Date.now = now;
  }

  // How many rows of the storage were read and written since it was last asked.
  rows() {
    const rows = this.#rows;
    this.#rows = { read: 0, written: 0 };
    return rows;
  }

  // Polls that ended long ago, and how many there are.
  addSettled(count, settledAt) {
    this.ctx.storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT INTO extracta_batches (id, batch, options, target, target_key, state, next_at, created_at, deliver_within_ms, snapshot, settled_at)
        SELECT 'old-' || i, '{"extractionId":"e","batchId":"b' || i || '"}', '{}', 'null', '', 'delivered', 0, 0, 1, '{}', ? FROM n`,
      count, settledAt,
    );
  }

  settledCount() {
    return this.ctx.storage.sql.exec("SELECT COUNT(*) AS count FROM extracta_batches WHERE settled_at IS NOT NULL").one().count;
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

/** The object's state, whose SQL counts the rows that it reads and writes. */
function counting(ctx, count) {
  const proxied = (object, more) =>
    new Proxy(object, {
      get: (target, name) => {
        const value = more[name] ?? Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const exec = (...all) => {
    const cursor = ctx.storage.sql.exec(...all);
    // What is not asked for row by row is done by now.
    let [read, written] = [0, 0];
    const note = () => {
      count(cursor.rowsRead - read, cursor.rowsWritten - written);
      [read, written] = [cursor.rowsRead, cursor.rowsWritten];
    };
    const reported = (method) => () => {
      const rows = cursor[method]();
      note();
      return rows;
    };
    note();
    const { rowsWritten } = cursor;
    return { toArray: reported("toArray"), one: reported("one"), rowsWritten };
  };
  return proxied(ctx, { storage: proxied(ctx.storage, { sql: { exec } }) });
}

function poll(step, { batch, options, receiver }, env) {
  return pollInWorkflow(step, batch, {
    ...options,
    client: { ...clientOptions(env), sharePacing: accountLane(env.LANE) },
    deliver: async (delivery) => {
      const answer = await fetch(receiver, { method: "POST", body: JSON.stringify(delivery), headers: { "webhook-id": delivery.id } });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error("The receiver refused.");
    },
  });
}

export class PollWorkflow extends WorkflowEntrypoint {
  run({ payload }, step) {
    return poll(step, payload, this.env);
  }
}

// A Workflow that is cut off after each step, and begun again from what the steps before gave.
async function replayed(params, env) {
  const outputs = new Map();
  const cutOff = new Error("cut off");
  const once = async (name, act) => {
    if (!outputs.has(name)) {
      outputs.set(name, JSON.stringify((await act()) ?? null));
      throw cutOff;
    }
    return JSON.parse(outputs.get(name));
  };
  const step = {
    do: (name, ...rest) => once(name, rest.at(-1)),
    sleep: (name, ms) => once(name, () => scheduler.wait(ms)),
  };
  for (;;) {
    try {
      return { result: await poll(step, params, env), outputs: [...outputs] };
    } catch (error) {
      if (error !== cutOff) throw error;
    }
  }
}

/** What a script adds to all objects of the isolate. */
const HOSTILE = {
  function: () => {
    throw new Error("a function on all objects was called");
  },
  pacing: { reserve: () => 1e9, hold() {} },
};

const ACTIONS = {
  // Members that all objects have from now on; those before have them no more.
  pollute: ({ members, functions = [] }) => {
    for (const name of Object.keys(Object.prototype)) delete Object.prototype[name];
    for (const [name, value] of members) Object.prototype[name] = value;
    for (const [name, kind] of functions) Object.prototype[name] = HOSTILE[kind];
  },

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

  // It only ever grows.
  wasmBytes: () => memories.reduce((bytes, { buffer }) => bytes + buffer.byteLength, 0),

  object: async ({ key }, env) => (await env.BUCKET.get(key))?.text(),

  workflow: async ({ id, params }, env) => {
    await env.WORKFLOW.create({ id, params });
  },

  replayedWorkflow: ({ params }, env) => replayed(params, env),

  workflowStatus: async ({ id }, env) => (await env.WORKFLOW.get(id)).status(),
};

export default {
  async fetch(request, env, ctx) {
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/proxied/")) return env.PROXY.getByName("account").fetch(request);
    if (pathname.startsWith("/plain/")) {
      plainProxy ??= createProxy({ ...clientOptions(env), authorize, sharePacing: accountLane(env.LANE) });
      return plainProxy(request, ctx);
    }
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
