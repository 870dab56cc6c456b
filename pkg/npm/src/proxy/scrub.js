// The key is nobody's at a page. Servers quote it as it is, or as their formats have it: in escapes of JSON, percent signs, HTML's
// entities, one in the other, or as base64 or hexadecimal digits.

const HIDDEN = "***";

// So many characters of one form must be there for the rest to be the key's.
const LEAST_LENGTH = 4;

// One escape within another, and so on: what is written deeper is looked for character by character.
const ROUNDS = 4;

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", sol: "/", plus: "+", equals: "=", lowbar: "_", hyphen: "-", colon: ":", period: "." };

const ESCAPE = /\\u00([0-9a-f]{2})|\\(["\\/])|%([0-9a-f]{2})|&#0{0,8}(\d{1,3});|&#x0{0,8}([0-9a-f]{1,2});|&([a-z]{2,6});/gi;

// The longest way to write one character.
const LONGEST_ESCAPE = 14;

// The text, with asterisks in place of `secret`, in time that grows with its length alone.
export function scrubbed(text, secret) {
  if (secret === "" || text === "") return text;
  const forms = formsOf(secret);
  const plain = forms.reduce((rest, form) => rest.replaceAll(form, HIDDEN), text);
  let decoded = plain;
  for (let round = 0; round < ROUNDS; round++) {
    const next = decodedOnce(decoded);
    if (next === decoded) break;
    decoded = next;
  }
  // Nearly always it is nowhere.
  const normal = normalized(forms);
  const bare = decoded.replaceAll("\\", "");
  const isThere = normal.some((form) => bare.includes(form)) || decodedOnce(decoded) !== decoded;
  return isThere ? masked(plain, normal) : plain;
}

// As it is, and in the three ways in which base64 falls on it: without the letters that its neighbours have a part in.
function formsOf(secret) {
  const base64 = [0, 1, 2].map((before) => {
    const text = btoa("\0".repeat(before) + secret);
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + secret.length) * 8) / 6);
    return text.slice(first, last);
  });
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const hex = [...secret].map((char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return [secret, ...new Set([...base64, ...url, hex, hex.toUpperCase()].filter((form) => form.length >= LEAST_LENGTH))];
}

// A key may itself look like an escape, and is looked for as what it would be read as.
function normalized(forms) {
  return [...new Set(forms.map((form) => unescaped(form).text))];
}

function decodedOnce(text) {
  return text.replace(ESCAPE, (all, json, char, percent, decimal, hex, name) => charOf({ json, char, percent, decimal, hex, name }) ?? all);
}

function charOf({ json, char, percent, decimal, hex, name }) {
  if (char !== undefined) return char;
  if (name !== undefined) return Object.hasOwn(NAMED, name.toLowerCase()) ? NAMED[name.toLowerCase()] : undefined;
  const code = decimal !== undefined ? Number(decimal) : parseInt(json ?? percent ?? hex, 16);
  // A key is visible ASCII.
  return code > 0x20 && code < 0x7f ? String.fromCharCode(code) : undefined;
}

const WHOLE_ESCAPE = new RegExp(`^(?:${ESCAPE.source})$`, "i");

// The text without escapes, however deep, and where each of its characters begins and ends in what was given. Each character is put
// down once; where the last ones put down are an escape, its character takes their place. Without backslashes, too: of two in a row
// nobody knows whether the first belongs to the second.
function unescaped(text) {
  const [chars, from, to] = [[], [], []];
  const ends = (char) => char === ";" || char === '"' || char === "\\" || char === "/" || /[\da-f]/i.test(char);
  for (let index = 0; index < text.length; index++) {
    chars.push(text[index]);
    from.push(index);
    to.push(index + 1);
    while (ends(chars.at(-1))) {
      const [length, char] = escapeAtEnd(chars);
      if (length === 0) break;
      const [start, end] = [from.at(-length), to.at(-1)];
      for (const list of [chars, from, to]) list.length -= length;
      chars.push(char);
      from.push(start);
      to.push(end);
    }
  }
  const kept = [...chars.keys()].filter((index) => chars[index] !== "\\");
  const those = (list) => kept.map((index) => list[index]);
  return { text: those(chars).join(""), from: those(from), to: those(to) };
}

function escapeAtEnd(chars) {
  for (let length = 2; length <= LONGEST_ESCAPE && length <= chars.length; length++) {
    const first = chars.at(-length);
    if (first !== "\\" && first !== "%" && first !== "&") continue;
    const [, json, char, percent, decimal, hex, name] = WHOLE_ESCAPE.exec(chars.slice(-length).join("")) ?? [];
    const meant = charOf({ json, char, percent, decimal, hex, name });
    if (meant !== undefined && (json ?? char ?? percent ?? decimal ?? hex ?? name) !== undefined) return [length, meant];
  }
  return [0];
}

function masked(text, forms) {
  const { text: decoded, from, to } = unescaped(text);
  const spans = [];
  for (const form of forms) {
    for (let at = decoded.indexOf(form); at !== -1; at = decoded.indexOf(form, at + form.length)) {
      spans.push([from[at], to[at + form.length - 1]]);
    }
  }
  spans.sort(([one], [other]) => one - other);
  let [result, done] = ["", 0];
  for (const [start, end] of spans) {
    if (end <= done) continue;
    result += text.slice(done, Math.max(start, done)) + (start >= done ? HIDDEN : "");
    done = end;
  }
  return result + text.slice(done);
}
