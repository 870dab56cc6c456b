// The polls as they are stored: one row a batch in the object's SQLite, and one a lane. No document and no token is among it.

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS extracta_polls (
    id TEXT PRIMARY KEY,
    batch TEXT NOT NULL,
    options TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    next_at REAL NOT NULL,
    created_at REAL NOT NULL,
    deadline_at REAL,
    deliver_within_ms REAL NOT NULL,
    snapshot TEXT NOT NULL,
    asking INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    counts TEXT,
    outcome TEXT,
    error TEXT,
    deliver_by REAL,
    deliveries INTEGER NOT NULL DEFAULT 0,
    delivery_error TEXT,
    settled_at REAL
  );
  CREATE INDEX IF NOT EXISTS extracta_polls_by_state ON extracta_polls (state);
  CREATE TABLE IF NOT EXISTS extracta_lanes (url TEXT PRIMARY KEY, closed_until REAL NOT NULL);
`;

// Polls with something left to do; the others are kept for a while, for whoever asks what became of them.
const PENDING = "state IN ('polling', 'delivering')";

export class Ledger {
  #sql;

  constructor(storage) {
    this.#sql = storage.sql;
    this.#sql.exec(SCHEMA);
  }

  // False where the id is known already: then nothing changes.
  add({ id, batch, options, target, snapshot, nextAt, createdAt, deadlineAt, deliverWithinMs }) {
    const { rowsWritten } = this.#sql.exec(
      `INSERT OR IGNORE INTO extracta_polls
        (id, batch, options, target, state, next_at, created_at, deadline_at, deliver_within_ms, snapshot)
        VALUES (?, ?, ?, ?, 'polling', ?, ?, ?, ?, ?)`,
      id, JSON.stringify(batch), JSON.stringify(options), JSON.stringify(target), nextAt, createdAt, deadlineAt, deliverWithinMs, snapshot,
    );
    return rowsWritten > 0;
  }

  get(id) {
    const [row] = this.#rows("WHERE id = ?", id);
    return row;
  }

  list({ state, after = "", limit }) {
    const ofState = state === undefined ? "" : "AND state = ?";
    const bound = state === undefined ? [after, limit] : [after, state, limit];
    return this.#rows(`WHERE id > ? ${ofState} ORDER BY id LIMIT ?`, ...bound);
  }

  pending() {
    return this.#sql.exec(`SELECT COUNT(*) AS count FROM extracta_polls WHERE ${PENDING}`).one().count;
  }

  // Those with something to do until then, the longest overdue first.
  due(until, limit) {
    return this.#rows(`WHERE ${PENDING} AND next_at <= ? ORDER BY next_at LIMIT ?`, until, limit);
  }

  // Those that an earlier life of the object left with a request under way.
  cutOff() {
    return this.#rows(`WHERE ${PENDING} AND asking > 0`);
  }

  // Those whose time is over.
  overdue(now) {
    return this.#rows("WHERE state = 'polling' AND deadline_at <= ?", now);
  }

  ofBatch(wanted) {
    const rows = this.#rows("WHERE state = 'polling' AND batch ->> 'batchId' = ?", wanted.batchId);
    const templates = ["extractionId", "classificationId"].filter((name) => wanted[name] !== undefined);
    return rows.filter(({ batch }) => templates.every((name) => batch[name] === wanted[name]));
  }

  // When something is to be done next: for a batch, or to forget one.
  nextAt(keepMs) {
    const { next, settled } = this.#sql.exec(
      `SELECT (SELECT MIN(next_at) FROM extracta_polls WHERE ${PENDING}) AS next,
        (SELECT MIN(settled_at) FROM extracta_polls) AS settled`,
    ).one();
    return next ?? (settled === null ? undefined : settled + keepMs);
  }

  // A request starts. How often one started whose end nobody heard of is counted.
  asked(id) {
    this.#set(id, "asking = asking + 1");
  }

  // Word of a batch came: its poll as it now stands.
  heard(id, { snapshot, nextAt, attempts, counts }) {
    const known = counts && JSON.stringify(counts);
    this.#set(id, "asking = 0, snapshot = ?, next_at = ?, attempts = ?, counts = COALESCE(?, counts)", snapshot, nextAt, attempts, known ?? null);
  }

  // The poll is over, the delivery still to come.
  ended(id, { outcome, error, now }) {
    this.#set(
      id,
      `asking = 0, state = 'delivering', outcome = ?, error = ?, next_at = ?, deliver_by = COALESCE(deliver_by, ? + deliver_within_ms)`,
      outcome, error === undefined ? null : JSON.stringify(error), now, now,
    );
  }

  delivering(id, nextAt) {
    this.#set(id, "deliveries = deliveries + 1, next_at = ?", nextAt);
  }

  notDelivered(id, why, nextAt) {
    this.#set(id, "delivery_error = ?, next_at = ?", why, nextAt);
  }

  // The end, unless there was one already: what is cancelled stays so.
  settled(id, state, now, why = null) {
    this.#set(id, "asking = 0, state = ?, settled_at = ?, delivery_error = ?", state, now, why);
  }

  later(id, nextAt) {
    this.#set(id, "next_at = ?", nextAt);
  }

  forget(settledBefore) {
    this.#sql.exec("DELETE FROM extracta_polls WHERE settled_at <= ?", settledBefore);
  }

  // Until when no request may go to a lane. Not `OR REPLACE`, which writes the index anew as well: rows are billed.
  closeLane(url, until) {
    this.#sql.exec(
      `INSERT INTO extracta_lanes (url, closed_until) VALUES (?, ?)
        ON CONFLICT (url) DO UPDATE SET closed_until = excluded.closed_until`,
      url, until,
    );
  }

  lanesOpenAt() {
    return this.#sql.exec("SELECT MAX(closed_until) AS at FROM extracta_lanes").one().at ?? 0;
  }

  #set(id, assignments, ...values) {
    this.#sql.exec(`UPDATE extracta_polls SET ${assignments} WHERE id = ? AND ${PENDING}`, ...values, id);
  }

  #rows(where, ...values) {
    return this.#sql.exec(`SELECT * FROM extracta_polls ${where}`, ...values).toArray().map(rowFrom);
  }
}

function rowFrom(row) {
  const parsed = (text) => (text === null ? undefined : JSON.parse(text));
  return {
    id: row.id,
    batch: parsed(row.batch),
    options: parsed(row.options),
    target: parsed(row.target),
    state: row.state,
    nextAt: row.next_at,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    snapshot: row.snapshot,
    asking: row.asking,
    attempts: row.attempts,
    counts: parsed(row.counts),
    outcome: row.outcome ?? undefined,
    error: parsed(row.error),
    deliverBy: row.deliver_by,
    deliveries: row.deliveries,
    deliveryError: row.delivery_error ?? undefined,
    settledAt: row.settled_at ?? undefined,
  };
}
