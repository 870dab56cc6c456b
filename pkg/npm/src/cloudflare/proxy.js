// The proxy of an account for all isolates: a Durable Object that holds everybody's requests, and is the account's lane.
import { Account } from "../proxy/account.js";
import { settingsOf } from "../proxy/options.js";
import { proxyOf } from "../proxy/proxy.js";
import { ExtractaLane } from "./lane.js";
import { Fault } from "./words.js";

// Of use within the object only. A prototype's methods can be called by every Worker that binds the namespace, own properties by nobody.
const NOT_CALLABLE = ["options"];

export class ExtractaProxy extends ExtractaLane {
  #proxy;

  constructor(ctx, env) {
    super(ctx, env);
    for (const name of NOT_CALLABLE) Object.defineProperty(this, name, { value: this[name], configurable: true, writable: true });
  }

  // The options of the proxy, asked for once in a life of the object.
  options() {
    const { EXTRACTA_API_KEY: token, EXTRACTA_BASE_URL: baseUrl } = this.env;
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
