// A request that is held until there is something to answer it with.
import { isExtractaError } from "extracta-wasm";
import { now } from "./account.js";
import { send } from "./upstream.js";

// In a Worker each request looks by its own timers whether others have brought its answer: so often.
const LOOKS_PER_INTERVAL = 20;
const [SHORTEST_LOOK_MS, LONGEST_LOOK_MS] = [10, 100];

// Who asks without knowing a state gets every answer; the others get only what changed.
const [ANY_NEWS, NEWS_ONLY] = [10, 1];

// So often a client may stop by a fault of its own while one request is held.
const MOST_RENEWALS = 3;

// Whoever was asked to come back may come so much earlier, as seconds are rounded down.
const EARLY_MS = 1_100;

export class Hold {
  sharedRequest;
  visitor;
  preference;
  settings;
  until = 0;
  #account;
  #endpoint;
  #batch;
  #hasOwnTimers;
  #outcome;
  #wake;
  #timer;
  #turnAt;
  #call;
  #hasSent = false;
  #renewals = 0;
  #whenEnded;

  constructor(account, { settings, endpoint, batch, visitor, preference, hasOwnTimers }) {
    this.settings = settings;
    this.visitor = visitor;
    this.preference = preference;
    this.#account = account;
    this.#endpoint = endpoint;
    this.#batch = batch;
    this.#hasOwnTimers = hasOwnTimers;
    this.sharedRequest = account.sharedRequest(JSON.stringify([endpoint.method, ...Object.values(batch)]));
  }

  // What the visitor is answered, once that is known.
  async outcome(hasLeft) {
    if (hasLeft) this.leave();
    const begins = now();
    const { maxHoldMs, maxHeld } = this.settings;
    this.until = begins + Math.min(this.preference?.waitMs ?? maxHoldMs, maxHoldMs);
    this.#look();
    if (!this.#outcome) {
      if (!this.#account.makeRoom(this.visitor, maxHeld)) this.giveUpPlace();
      else this.#begin();
    }
    if (this.#hasOwnTimers) await this.#lookedFor(() => this.#outcome !== undefined);
    else if (!this.#outcome) await new Promise((resolve) => (this.#wake = resolve));
    this.#release();
    this.#account.forgetUnused(this.sharedRequest);
    return this.#outcome;
  }

  // Once nothing of it is under way, nor kept, any more.
  async ended() {
    const { intervalMs } = this.settings;
    if (this.#hasOwnTimers) await this.#lookedFor(() => this.#hasEnded());
    else if (!this.#hasEnded()) await new Promise((resolve) => (this.#whenEnded = resolve));
    if (this.#hasSent) await sleep(intervalMs + LONGEST_LOOK_MS);
  }

  // The visitor is gone.
  leave() {
    this.#settle(LEFT);
  }

  // Another takes its place: it is to come back.
  giveUpPlace() {
    const turnAt = Math.max(this.#account.promised(this) ?? this.#turnBehindAway(), now() + this.settings.intervalMs);
    this.#account.promise(this, turnAt);
    this.#settle({ kind: this.preference ? "nothing" : "later", turnInMs: turnAt - now() });
  }

  #begin() {
    this.#account.add(this);
    const leftMs = this.until - now();
    if (!this.#hasOwnTimers) this.#timer = setTimeout(() => this.#lapse(), leftMs);
    this.#ask();
  }

  // Asks for the batch when it is its visitor's turn. Equal requests are sent once: the client sees to that.
  #ask() {
    const { client } = this.#account;
    const call = { requestedAt: now(), controller: new AbortController(), isSending: false };
    this.#call = call;
    const fetching = (url, init) => {
      call.isSending = true;
      this.#hasSent = true;
      this.sharedRequest.underWay += 1;
      return send(this.settings.client.fetch ?? fetch, url, init, (answer) => this.#keep(answer));
    };
    const options = {
      visitor: this.visitor,
      priority: this.preference?.since === undefined ? ANY_NEWS : NEWS_ONLY,
      signal: call.controller.signal,
      fetch: fetching,
      onProgress: ({ attempt, nextPollInMs }) => {
        if (attempt === 0) this.#placed(call, nextPollInMs ?? 0);
      },
    };
    client[this.#endpoint.method](this.#batch, options).then(
      () => this.#replied(call),
      (error) => this.#failed(call, error, client),
    );
  }

  // Its place in line is known. Who could not be served while it is held is asked to come later.
  #placed(call, waitMs) {
    if (this.#outcome || this.#turnAt !== undefined) return;
    const account = this.#account;
    const { maxHeld } = this.settings;
    const promisedAt = account.promised(this);
    const time = now();
    this.#turnAt = time + waitMs;
    if (promisedAt !== undefined && promisedAt <= time + EARLY_MS) {
      account.keepPromise(this);
      return;
    }
    // Whoever is away may stay away, and slots are not left unused for them.
    const mayBeServed = this.#turnAt <= this.until;
    const isAlone = account.heldCount <= 1;
    const mayWaitInVain = this.preference !== undefined && account.heldCount <= maxHeld / 2;
    if (!mayBeServed && !isAlone && !mayWaitInVain && !call.isSending) this.giveUpPlace();
  }

  // When its turn is, should those come back before who were told to.
  #turnBehindAway() {
    if (this.#turnAt === undefined) return 0;
    let [turnAt, before, away] = [this.#turnAt, -1, 0];
    while ((away = this.#account.expectedBy(turnAt)) > before) {
      turnAt = this.#turnAt + away * this.settings.intervalMs;
      before = away;
    }
    return turnAt;
  }

  #keep(answer) {
    const { sharedRequest, settings } = this;
    sharedRequest.latest = answer;
    // By a timer, as there may be no next request: what it holds are documents.
    const timer = setTimeout(() => {
      if (sharedRequest.latest === answer) sharedRequest.latest = undefined;
      if (sharedRequest.reply === answer) sharedRequest.reply = undefined;
      this.#account.forgetUnused(sharedRequest);
    }, Math.max(settings.intervalMs, LONGEST_LOOK_MS));
    timer.unref?.();
  }

  #replied(call) {
    const { sharedRequest } = this;
    sharedRequest.reply = sharedRequest.latest;
    this.#over(call);
    this.#answer();
    this.#goOn(call);
    // Whoever came while it was under way is answered, too.
    if (call.isSending && !this.#hasOwnTimers) for (const other of [...sharedRequest.waiting]) other.#look();
  }

  #failed(call, error, client) {
    const { latest } = this.sharedRequest;
    this.#over(call);
    if (isExtractaError(error, "CLOSED") && error.cause && this.#renewals++ < MOST_RENEWALS) {
      this.#account.renewClient(client);
      return this.#goOn(call);
    }
    // Everybody stays away until the lane opens again, and asks then.
    if (isExtractaError(error, "RATE_LIMITED")) return this.#goOn(call);
    const answer = latest?.startedAt >= call.requestedAt ? latest : undefined;
    if (answer) answer.isFailure = true;
    // Nothing was sent, as those who share the lane gave no slot in time: the next may be had.
    if (!answer && isExtractaError(error, "NETWORK") && this.#outcome === undefined && now() + this.#pauseMs() < this.until) {
      setTimeout(() => this.#goOn(call), this.#pauseMs());
      return;
    }
    this.#call = undefined;
    this.#settle(failureOf(error, answer, this.settings.intervalMs));
    this.#notifyEnd();
  }

  #pauseMs() {
    return Math.max(this.settings.intervalMs / 4, SHORTEST_LOOK_MS);
  }

  #over(call) {
    if (!call.isSending) return;
    this.sharedRequest.underWay -= 1;
    this.#account.forgetUnused(this.sharedRequest);
  }

  #hasEnded() {
    return this.#outcome !== undefined && this.#call === undefined;
  }

  #notifyEnd() {
    if (this.#hasEnded()) this.#whenEnded?.();
  }

  #goOn(call) {
    if (this.#call !== call) return;
    this.#call = undefined;
    this.#look();
    if (!this.#outcome && now() < this.until) this.#ask();
    else if (!this.#outcome) this.#lapse();
    this.#notifyEnd();
  }

  // What others brought: a reply younger than the interval.
  #look() {
    const { reply } = this.sharedRequest;
    if (reply && now() - reply.at < this.settings.intervalMs) this.#answer();
  }

  // Unless the reply says nothing new.
  #answer() {
    const { reply } = this.sharedRequest;
    if (!reply || reply.tag === this.preference?.since) return;
    this.#account.keepPromise(this);
    this.#settle({ kind: "reply", reply, ageMs: now() - reply.startedAt });
  }

  // The time is over for which it may be held.
  #lapse() {
    if (this.preference === undefined) return this.giveUpPlace();
    const turnInMs = (this.#turnAt ?? 0) - now();
    this.#settle({ kind: "nothing", ...(turnInMs > this.settings.intervalMs && { turnInMs }) });
  }

  #settle(outcome) {
    if (this.#outcome) return;
    this.#outcome = outcome;
    this.#account.remove(this);
    if (this.#hasOwnTimers) return;
    this.#release();
    this.#wake?.();
  }

  // Nothing more is wanted. What was sent has had its slot, and others may want the answer.
  #release() {
    clearTimeout(this.#timer);
    if (this.#call && !this.#call.isSending) this.#call.controller.abort();
    this.#notifyEnd();
  }

  // By its own timers: nothing of another request settles or awaits anything of this one.
  async #lookedFor(isThere) {
    const everyMs = Math.min(Math.max(this.settings.intervalMs / LOOKS_PER_INTERVAL, SHORTEST_LOOK_MS), LONGEST_LOOK_MS);
    while (!isThere()) {
      await sleep(everyMs);
      const { latest } = this.sharedRequest;
      this.#look();
      if (!this.#outcome && latest?.isFailure && latest.startedAt >= (this.#call?.requestedAt ?? Infinity)) {
        this.#settle(failureOf(undefined, latest, this.settings.intervalMs));
      }
      if (!this.#outcome && now() >= this.until) this.#lapse();
    }
  }
}

const LEFT = { kind: "failure", status: 499, message: "The visitor left." };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// As the API reported it, or in our words. It is that of those alone who waited for it.
function failureOf(error, answer, intervalMs) {
  if (answer?.status !== undefined) {
    const mayPass = answer.status >= 500 || answer.status === 408 || answer.status === 425 || answer.status < 300;
    return { kind: "reply", reply: answer, ageMs: 0, ...(mayPass && { turnInMs: intervalMs }) };
  }
  const [status, message] = answer?.failure ?? wordsOf(error);
  return { kind: "failure", status, message, turnInMs: intervalMs };
}

function wordsOf(error) {
  if (isExtractaError(error, "REQUEST_TIMEOUT")) return [504, "The API did not answer in time."];
  if (isExtractaError(error, "NETWORK")) return [502, "The API could not be reached."];
  // Of what a function of the server's author threw, a page learns nothing.
  return [502, "The proxy has no API key at the moment, or cannot use it."];
}
