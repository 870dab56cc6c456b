// The proxy of an account for all isolates: a Durable Object that holds everybody's requests, and is the account's lane.
import { bare } from "../own.js";
import { Account } from "../proxy/account.js";
import { settingsOf } from "../proxy/options.js";
import { proxyOf } from "../proxy/proxy.js";
import { keepToItself } from "./callable.js";
import { ExtractaLane } from "./lane.js";
import { Fault } from "./words.js";

export class ExtractaProxy extends ExtractaLane {
  #proxy;

  constructor(ctx, env) {
    super(ctx, env);
    keepToItself(this, ["options"]);
  }

  // The options of the proxy, asked for once in a life of the object.
  options() {
    const { EXTRACTA_API_KEY: token, EXTRACTA_BASE_URL: baseUrl } = bare(this.env);
    if (token === undefined) throw new Fault("The Worker has no secret EXTRACTA_API_KEY.");
    return { token, baseUrl };
  }

  // All of them run in the object, which outlives each: none has timers of its own, and who leaves takes nobody along.
  fetch(request) {
    this.#proxy ??= this.#made();
    return this.#proxy(request, {});
  }

  #made() {
    // When the lane opens is stored before a request leaves the object, so the floor holds across evictions, deploys and restarts.
    const sharePacing = { reserve: (request) => this.reserve(request), hold: (request) => this.hold(request) };
    const settings = settingsOf({ sharePacing, ...this.options() });
    // Not the realm's, as the storage is this object's.
    const account = new Account(settings);
    return proxyOf(settings, { account: () => account, hasOwnTimers: false });
  }
}
