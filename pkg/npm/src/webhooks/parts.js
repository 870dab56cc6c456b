// The parts of a body, before anybody is known to have signed it: where `event` and the list `result` stand in its bytes, found
// from its two ends. What lies between the ends of the list is not looked at: however long it is, a body that nobody signed
// costs its hash and a few thousand bytes of reading, and none of it is parsed.
import { decoder } from "../text.js";
import { WebhookError } from "./error.js";

/** The most before the list and behind it, in bytes. */
const MOST_AROUND = 16_384;

/** The most bytes that a name of six letters and one of a hundred can be written in, each letter as an escape. */
const LONGEST_KEY = 38;
const LONGEST_EVENT = 602;

const [QUOTE, COMMA, COLON, BACKSLASH, BRACKET, END_BRACKET, BRACE, END_BRACE] = [..."\",:\\[]{}"].map((char) => char.charCodeAt(0));
const SPACES = [..." \t\r\n"].map((char) => char.charCodeAt(0));
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** The event's name, the bytes of the list, and the text of the body with a 0 in place of the list. */
export function partsOf(bytes) {
  const read = new Reader(bytes, BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte) ? 3 : 0);
  read.limit = Math.min(bytes.length, MOST_AROUND);
  const found = {};
  read.take(BRACE, "is not a JSON object");
  const from = membersUntilList(read, found);
  const to = endOfList(bytes, from);
  read.at = to;
  read.limit = bytes.length;
  if (read.next() === COMMA) {
    read.at++;
    membersUntilList(read, found);
  }
  read.take(END_BRACE);
  if (read.next() !== undefined) throw malformed("is not JSON");
  if (found.event === undefined) throw malformed("has no member event");
  return { event: found.event, result: bytes.subarray(from, to), rest: () => restOf(bytes, from, to) };
}

/** Whether the text around the list is JSON, which partsOf does not say of all of it. */
function restOf(bytes, from, to) {
  try {
    JSON.parse(`${decoder().decode(bytes.subarray(0, from))}0${decoder().decode(bytes.subarray(to))}`);
  } catch {
    throw malformed("is not JSON");
  }
}

/** Reads members up to the value of `result`, whose place it gives; or to the object's end, where the list was found before. */
function membersUntilList(read, found) {
  for (;;) {
    const name = nameOf(read.string(LONGEST_KEY));
    read.take(COLON);
    const value = read.next();
    if (name === "result") {
      // With two of a name, what is signed could be one and what is read the other.
      if (found.hasList) throw malformed("has more than one member result");
      if (value !== BRACKET) throw malformed("has a `result` that is not a list");
      found.hasList = true;
      return read.at;
    }
    const from = read.at;
    read.skipValue();
    if (name === "event") {
      if (found.event !== undefined) throw malformed("has more than one member event");
      found.event = eventName(read.bytes.subarray(from, read.at));
    }
    if (read.next() !== COMMA) break;
    read.at++;
  }
  if (!found.hasList) throw malformed("has no member result");
  return undefined;
}

/**
 * Where the list ends that begins at `from`: the last value of the body's outermost members that is a list and begins there, or
 * before what is read. Backwards every quotation mark is known for what it is: one that is part of a text has an odd number of
 * backslashes before it, and others have not.
 */
function endOfList(bytes, from) {
  const first = Math.max(from, bytes.length - MOST_AROUND);
  let at = bytes.length - 1;
  while (at > first && SPACES.includes(bytes[at])) at--;
  if (at <= first || bytes[at] !== END_BRACE) throw malformed("is not JSON");
  let depth = 0;
  let end;
  for (at--; at >= first; at--) {
    switch (bytes[at]) {
      case QUOTE:
        at = startOfText(bytes, at, first);
        break;
      case END_BRACKET:
      case END_BRACE:
        if (depth++ === 0) end = at + 1;
        break;
      case BRACKET:
      case BRACE:
        if (--depth < 0) throw malformed("is cut short or is not JSON");
        if (depth === 0 && at === from) return end;
    }
  }
  // Begun before what was read, and nothing but the list is so long.
  if (first > from && depth > 0 && bytes[end - 1] === END_BRACKET) return end;
  throw malformed(first > from ? `has more than ${MOST_AROUND} bytes behind result` : "is cut short or is not JSON");
}

/** The place of the quotation mark that opens the text which the one at `at` closes; before `first` if it is not seen. */
function startOfText(bytes, at, first) {
  for (at--; at >= first; at--) {
    if (bytes[at] !== QUOTE) continue;
    let slashes = 0;
    while (at - slashes > first && bytes[at - slashes - 1] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
    at -= slashes;
  }
  return at;
}

/** Undefined for one that is too long to be of use. Escapes are another way to write the same name. */
function nameOf(written) {
  return written && parsed(written);
}

function eventName(written) {
  const name = written.length <= LONGEST_EVENT ? parsed(written) : undefined;
  // Visible letters, as names go into logs, and not many, as nobody signs them.
  if (typeof name === "string" && /^[!-~]{1,100}$/.test(name)) return name;
  throw malformed("has an `event` that is not a name");
}

function parsed(written) {
  try {
    return JSON.parse(decoder().decode(written));
  } catch {
    throw malformed("is not JSON");
  }
}

function malformed(what) {
  return new WebhookError("MALFORMED", `The body ${what}: refuse it.`);
}

/** Reads bytes from left to right, up to `limit`. */
class Reader {
  limit = 0;

  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The next byte that is no space, where the reader then stands. */
  next() {
    while (this.at < this.limit && SPACES.includes(this.bytes[this.at])) this.at++;
    if (this.at < this.limit) return this.bytes[this.at];
    if (this.limit < this.bytes.length) throw malformed(`has more than ${MOST_AROUND} bytes before result`);
    return undefined;
  }

  take(byte, otherwise = "is not JSON") {
    if (this.next() !== byte) throw malformed(otherwise);
    this.at++;
  }

  /** A text as it is written, or undefined where that is longer. */
  string(longest = Infinity) {
    if (this.next() !== QUOTE) throw malformed("is not JSON");
    const from = this.at;
    for (this.at++; this.at < this.limit; this.at++) {
      const byte = this.bytes[this.at];
      if (byte === BACKSLASH) this.at++;
      else if (byte === QUOTE) break;
    }
    this.#stay();
    this.at++;
    return this.at - from <= longest ? this.bytes.subarray(from, this.at) : undefined;
  }

  skipValue() {
    let depth = 0;
    do {
      switch (this.next()) {
        case QUOTE:
          this.string();
          break;
        case BRACKET:
        case BRACE:
          depth++;
          this.at++;
          break;
        case END_BRACKET:
        case END_BRACE:
          if (--depth < 0) throw malformed("is not JSON");
          this.at++;
          break;
        case COMMA:
        case COLON:
          if (depth === 0) throw malformed("is not JSON");
          this.at++;
          break;
        default:
          this.#skipWord();
      }
    } while (depth > 0);
  }

  /** A number, true, false or null, or what is none and refused later. */
  #skipWord() {
    const ends = [QUOTE, COMMA, COLON, BRACKET, END_BRACKET, BRACE, END_BRACE, ...SPACES];
    while (this.at < this.limit && !ends.includes(this.bytes[this.at])) this.at++;
    this.#stay();
  }

  #stay() {
    if (this.at < this.limit) return;
    throw malformed(this.limit < this.bytes.length ? `has more than ${MOST_AROUND} bytes before result` : "is cut short or is not JSON");
  }
}
