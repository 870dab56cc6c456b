// No key that any option gives can be read in what is told besides results: errors, causes, events, progress, snapshots; in any
// letter case, and in whatever way the server or the platform writes it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { below, oneOf, seeded } from "./seeded.mjs";
import { extraction, NOWHERE, rejection } from "./standin.mjs";

const SEED = 20_261_125;
const VISIBLE = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

const keyOf = (alphabet, random) => Array.from({ length: 16 + below(60, random) }, () => oneOf(alphabet, random)).join("");

const hexOf = (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0");
const everyLetter = (text, spell) => Array.from(text, spell).join("");
const HTML = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** How a key may be written. Each can be read back by `decoded`. */
const SPELLINGS = {
  "as it is": (key) => key,
  "in capitals": (key) => key.toUpperCase(),
  "in small letters": (key) => key.toLowerCase(),
  "as JSON": (key) => JSON.stringify(key).slice(1, -1),
  "as JSON in JSON": (key) => JSON.stringify(JSON.stringify({ key })),
  "as JSON with escapes only": (key) => everyLetter(key, (letter) => `\\u00${hexOf(letter)}`),
  "as JSON with solidus escaped": (key) => JSON.stringify(key).slice(1, -1).replaceAll("/", "\\/"),
  "as a part of a URL": (key) => encodeURIComponent(key),
  "as percents only": (key) => everyLetter(key, (letter) => `%${hexOf(letter)}`),
  "as percents in capitals": (key) => everyLetter(key, (letter) => `%${hexOf(letter).toUpperCase()}`),
  "as percents twice": (key) => encodeURIComponent(everyLetter(key, (letter) => `%${hexOf(letter)}`)),
  "as HTML": (key) => everyLetter(key, (letter) => HTML[letter] ?? letter),
  "as HTML in numbers": (key) => everyLetter(key, (letter) => `&#${letter.charCodeAt(0)};`),
  "as HTML in hexadecimal numbers": (key) => everyLetter(key, (letter) => `&#x${hexOf(letter)};`),
  "as base64": (key) => btoa(key),
  "as base64 for URLs": (key) => btoa(key).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
  "as base64 of a user and it": (key) => btoa(`user:${key}`),
  "as base64 of a header": (key) => btoa(`authorization: Bearer ${key}`),
  "as base64 of JSON": (key) => btoa(JSON.stringify({ a: 1, key: key.replace(/["\\]/g, "") })),
  "as base64 in a URL": (key) => encodeURIComponent(btoa(`x${key}`)),
  "as hexadecimal digits": (key) => everyLetter(key, hexOf),
};

/** What can be read in a text, by anybody who tries: every reading of it, in small letters. */
function decoded(text) {
  const readings = [text];
  const escapes = [
    (text) => text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    (text) => text.replace(/\\(?:u00|x)([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))).replace(/\\(["'/\\])/g, "$1"),
    (text) => text.replace(/&#x([0-9a-f]+);?/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))).replace(/&#(\d+);?/g, (_, number) => String.fromCharCode(number)),
    (text) => Object.entries(HTML).reduce((text, [letter, name]) => text.replaceAll(name, letter), text),
  ];
  for (let times = 0; times < 3; times += 1) readings.push(escapes.reduce((text, plain) => plain(text), readings.at(-1)));
  for (const reading of [...readings]) {
    for (const [run] of reading.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) {
      for (let from = 0; from < 4; from += 1) readings.push(Buffer.from(run.slice(from), "base64").toString("latin1"));
      for (let from = 0; from < 2; from += 1) readings.push(Buffer.from(run.slice(from), "hex").toString("latin1"));
    }
  }
  return readings.map((reading) => reading.toLowerCase());
}

/** Everything that a log may get to see of a value. */
function loggable(value) {
  const seen = [`${value}`, JSON.stringify(value), inspect(value, { depth: null, showHidden: true, getters: true, maxStringLength: null })];
  if (value instanceof Error) seen.push(value.message, value.stack, JSON.stringify({ ...value }), loggable(value.cause));
  return seen.join("\n");
}

/** The options that may give a key. */
const OPTIONS = {
  token: (key) => ({ token: key }),
  "a token function": (key) => ({ token: async () => key }),
  "headers, by a small name": (key) => ({ headers: { authorization: `Bearer ${key}` } }),
  "headers, by another name and scheme": (key) => ({ headers: { AUTHORIZATION: `bearer  ${key}` } }),
  "headers, without a scheme": (key) => ({ headers: new Headers({ Authorization: key }) }),
  "headers, as a list": (key) => ({ headers: [["Authorization", `Token ${key}`]] }),
  "another header": (key) => ({ headers: { "X-Api-Key": key } }),
  "another header beside a token": (key) => ({ token: "another", headers: new Map([["x-api-key", key]]) }),
};

const json = (body, status, headers) => Response.json(body, { status, headers });

/** Where the words of others come in. */
const PLACES = {
  "a refusal": (words) => json({ error: words }, 401),
  "a refusal's message": (words) => json({ message: words }, 500),
  "an error in an object": (words) => json({ error: { message: words } }, 400),
  "an error in a 200": (words) => json({ error: words }, 200),
  "a status of error": (words) => json({ status: "error", message: words }, 200),
  "a 429": (words) => json({ error: words }, 429, { "retry-after": "0" }),
  "a content type": (words) => new Response("no JSON", { headers: { "content-type": `text/${words.replace(/[^!-~]|;/g, "")}` } }),
  "a redirect": (words) => new Response(null, { status: 302, headers: { location: `/?key=${encodeURIComponent(words)}` } }),
  "a rejection": (words) => Promise.reject(new TypeError(words, { cause: new Error(words) })),
  "a rejection's code and name": (words) => Promise.reject(Object.assign(new Error("x"), { code: words, name: words })),
  "a rejection's cause": (words) => Promise.reject(new Error("x", { cause: Object.assign(new Error(words), { code: words }) })),
  "a body that breaks off": (words) => Object.assign(new Response(), { json: () => Promise.reject(new TypeError(words)) }),
  "a body that is no JSON": (words) => new Response(words),
  "a file's status": (words) => json({ files: [{ status: words }] }, 200),
};

const ways = Object.keys(OPTIONS).flatMap((option) => Object.keys(PLACES).map((place) => [option, place]));
const random = seeded(SEED);

for (const [option, place] of ways) {
  test(`a key from ${option} cannot be read after ${place}`, async () => {
    for (const [how, spelled] of Object.entries(SPELLINGS)) {
      // Many have no signs in them, and are written by many of these ways as they are.
      const key = keyOf(oneOf([LETTERS, VISIBLE], random), random);
      const words = `${oneOf(["", "Invalid key: ", "=", '{a: "'], random)}${spelled(key)}${oneOf(["", ".", '"}', " is not known"], random)}`;
      const reported = await reportOf(OPTIONS[option](key), () => PLACES[place](words));
      for (const reading of decoded(reported)) assert.ok(!reading.includes(key.toLowerCase()), `${how}: ${key} in\n${reported}`);
    }
  });
}

/** All that a poll tells which ends badly. */
async function reportOf(options, answer) {
  const reported = [];
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, requestTimeoutMs: 1_000, onEvent: (event) => reported.push(event), fetch: async () => answer(), ...options });
  const onProgress = ({ results: _, newFiles: __, ...rest }) => reported.push(rest);
  // A 429 ends no poll before its deadline.
  const watch = client.watch(extraction("b"), { maxRetries: 1, timeoutMs: 20, onUnknownStatus: "throw", onProgress });
  const error = await rejection(watch.result);
  assert.ok(isExtractaError(error), String(error));
  const all = [loggable(error), watch.snapshot(), ...reported.map(loggable), loggable(client), loggable(watch), loggable(client.lanes())].join("\n");
  client.close();
  return [...new Set(all.split("\n"))].join("\n");
}

test("a key that sharePacing never receives cannot be read in its failure either", async () => {
  const key = keyOf(LETTERS, random);
  for (const spelled of Object.values(SPELLINGS)) {
    const failing = { reserve: () => Promise.reject(new Error(spelled(key))), hold() {} };
    const reported = await reportOf({ token: key, sharePacing: failing }, () => json({ files: [] }, 200));
    for (const reading of decoded(reported)) assert.ok(!reading.includes(key.toLowerCase()), reported);
  }
});

test("an option that should have been a key is not shown, whatever it was", async () => {
  const number = 31_415_926_535_897;
  const shown = (error) => {
    assert.ok(isExtractaError(error), String(error));
    assert.ok(!loggable(error).split(/\n +at /)[0].includes(String(number)), loggable(error));
    assert.ok(![error.message, JSON.stringify(error)].join().includes(String(number)), error.message);
  };
  const thrown = (options) => {
    try {
      new ExtractaClient(options);
    } catch (error) {
      return error;
    }
    throw new Error("nothing was thrown");
  };
  for (const options of [
    { token: number }, { token: [String(number)] }, { token: { key: String(number) } }, { token: `Bearer ${number}` }, { token: `${number}\n` },
    { headers: number }, { headers: String(number) }, { headers: { authorization: `Bearer ${number}\n!` } },
    { baseUrl: `https://${number}@proxy.example` }, { baseUrl: `https://user:${number}@proxy.example` }, { baseUrl: `https://u%40:%${number}@proxy.example` },
    { baseUrl: new URL(`https://user:${number}@proxy.example`) }, { baseUrl: `https://proxy.example/#${number}` }, { baseUrl: `//${number}://` },
  ]) shown(thrown(options));
  for (const token of [() => number, async () => ({ key: number }), () => `${number} `, () => `Bearer ${number}`]) {
    shown(await rejection(new ExtractaClient({ baseUrl: NOWHERE, token, fetch: () => {} }).getBatchResults(extraction("b"))));
  }
});
