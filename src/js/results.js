// The reply in JavaScript's hands: its files counted for the core, made certain, and told of. It may be anything, proxies of a
// caller's `fetch` included.
import { attempted, memberOf, textOf } from "./member.js";

const KINDS = { object: 0, string: 2 };

// The number of a JSON value's kind: object, array, text, another value, or one that says nothing.
export function kindOf(value) {
  if (value === null || value === undefined || value === false || value === 0) return 4;
  return attempted(() => Array.isArray(value)) ? 1 : (KINDS[typeof value] ?? 3);
}

// How many files have each status, in the order in which they first appear: status, count, status, count… The status is null
// where it is no text, and undefined where the file is no object. No list where the files cannot be had, or are no such thing.
export function tally(files) {
  if (typeof files !== "object") return undefined;
  try {
    const tally = [];
    const places = new Map();
    let latest;
    let place;
    for (const file of Array.isArray(files) ? files : Object.values(files)) {
      const status = statusOf(file);
      if (place === undefined || status !== latest) {
        latest = status;
        place = places.get(status) ?? tally.push(status, 0) - 1;
        places.set(status, place);
      }
      tally[place]++;
    }
    return tally;
  } catch {
    return undefined;
  }
}

// Sets `done` and `files` on the parsed reply itself and returns it; a copy only where it refuses them, being frozen.
export function madeCertain(reply, done) {
  if (setCertain(reply, done)) return reply;
  const copy = attempted(() => ({ ...reply })) ?? {};
  setCertain(copy, done);
  return copy;
}

// Which files became final since the last look, each told exactly once although the API repeats the whole list.
export class News {
  // How many files of each identity were told. A count, not a set: replies with two files of one id exist, and none may be
  // dropped.
  #told = new Map();

  // What a listener is given. `finals`: for each status in the order of `tally`, whether it is final.
  progress(facts, results, finals) {
    return { ...facts, newFiles: attempted(() => this.#of(results.files, finals)) ?? [], results };
  }

  #of(files, finals) {
    const isFinal = new Map();
    const met = new Map();
    return files.filter((file) => {
      const status = statusOf(file);
      if (!isFinal.has(status)) isFinal.set(status, finals[isFinal.size]);
      if (!isFinal.get(status)) return false;
      const identity = identityOf(file);
      const times = (met.get(identity) ?? 0) + 1;
      met.set(identity, times);
      if (times <= (this.#told.get(identity) ?? 0)) return false;
      this.#told.set(identity, times);
      return true;
    });
  }
}

// By itself and not by `textOf`, which reads members of any name: engines read the same one of thousands of files far faster.
function statusOf(file) {
  if (typeof file !== "object" || file === null || Array.isArray(file)) return undefined;
  try {
    const { status } = file;
    return typeof status === "string" ? status : null;
  } catch {
    return null;
  }
}

// Extraction replies may come without file ids; then the name has to do.
function identityOf(file) {
  const id = textOf(file, "fileId");
  return id === undefined ? `name ${textOf(file, "fileName") ?? ""}` : `id ${id}`;
}

function setCertain(reply, done) {
  const files = memberOf(reply, "files");
  return (Array.isArray(files) || set(reply, "files", keyedFiles(files))) && set(reply, "done", done);
}

// `files` as an object: its values, the key filling a missing `fileId`.
function keyedFiles(files) {
  const entries = attempted(() => Object.entries(files)) ?? [];
  return entries.map(([key, file]) => {
    if (typeof file === "object" && file !== null && memberOf(file, "fileId") === undefined) set(file, "fileId", key);
    return file;
  });
}

function set(object, name, value) {
  try {
    return Reflect.set(object, name, value);
  } catch {
    return false;
  }
}
