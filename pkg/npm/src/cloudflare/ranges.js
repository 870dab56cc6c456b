// Numbers from outside, each with its range.

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

// What subclasses may set.
const SETTINGS = {
  // An alarm is cut off after a quarter of an hour.
  workMs: [1, 600_000],
  deliveryTimeoutMs: [1, 600_000],
  retryMs: [1, DAY_MS],
  keepMs: [0, YEAR_MS],
};

const START = {
  intervalMs: [0, YEAR_MS],
  initialDelayMs: [0, YEAR_MS],
  requestTimeoutMs: [1, 600_000],
  deliverWithinMs: [1, YEAR_MS],
};

export function checkSettings(polls) {
  for (const [name, [least, most]] of Object.entries(SETTINGS)) checkNumber(polls[name], name, least, most);
}

// Those that are given. That they are at least what the client takes, the client sees to.
export function checkStart(options) {
  for (const [name, [least, most]] of Object.entries(START)) {
    if (options[name] !== undefined) checkNumber(options[name], name, least, most);
  }
}

export function checkNumber(value, name, least, most) {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new TypeError(`${name} must be a number from ${least} to ${most}; got ${typeof value === "number" ? value : `a ${typeof value}`}.`);
}

export function checkText(value, name, longest) {
  if (typeof value === "string" && value !== "" && value.length <= longest) return value;
  throw new TypeError(`${name} must be a string of 1 to ${longest} characters.`);
}
