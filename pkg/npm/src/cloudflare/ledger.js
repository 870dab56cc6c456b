// The polls as they are stored: one row a batch in the object's SQLite, one a lane, and one a target that fails. No document, no
// token and no word of a server is among it.
//
// A row that is written costs as much as a thousand that are read. So there are three indexes: for the polls of a state, for
// those that ended, and for the batch that a webhook names. Sorting those that are pending reads them, and no other.

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS extracta_batches (
    id TEXT PRIMARY KEY,
    batch TEXT NOT NULL,
    options TEXT NOT NULL,
    target TEXT NOT NULL,
    target_key TEXT NOT NULL,
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
  CREATE INDEX IF NOT EXISTS extracta_batches_by_state ON extracta_batches (state, id);
  CREATE INDEX IF NOT EXISTS extracta_batches_settled ON extracta_batches (settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS extracta_batches_by_batch ON extracta_batches (batch ->> 'batchId') WHERE state = 'polling';
  CREATE TABLE IF NOT EXISTS extracta_closed_lanes (url TEXT PRIMARY KEY, closed_at REAL NOT NULL, closed_until REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS extracta_failing_targets (key TEXT PRIMARY KEY, failures INTEGER NOT NULL, probe_at REAL);
  CREATE TABLE IF NOT EXISTS extracta_notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
`;

// Polls with something left to do; the others are kept for a while, for whoever asks what became of them. A parked one has ended
// and waits for its target to be well again.
const PENDING = "state IN ('polling', 'delivering', 'parked')";

// Of all polls that ever were, the latest so many are kept, and the pending ones.
const MOST_KEPT = 50_000;

// A wall clock that goes back by less is only being corrected.
const CLOCK_TOLERANCE_MS = 1_000;

export class Ledger {
  #sql;
  #pending;
  #latest = -Infinity;

  constructor(storage) {
    this.#sql = storage.sql;
    this.#sql.exec(SCHEMA);
  }

  // False where the id is known already: then nothing changes.
  add({ id, batch, options, target, targetKey, snapshot, nextAt, createdAt, deadlineAt, deliverWithinMs }) {
    const { rowsWritten } = this.#sql.exec(
      `INSERT OR IGNORE INTO extracta_batches
        (id, batch, options, target, target_key, state, next_at, created_at, deadline_at, deliver_within_ms, snapshot)
        VALUES (?, ?, ?, ?, ?, 'polling', ?, ?, ?, ?, ?)`,
      id, JSON.stringify(batch), JSON.stringify(options), target, targetKey, nextAt, createdAt, deadlineAt, deliverWithinMs, snapshot,
    );
    if (rowsWritten > 0 && this.#pending !== undefined) this.#pending += 1;
    return rowsWritten > 0;
  }

  get(id) {
    const [row] = this.#rows("WHERE id = ?", id);
    return row;
  }

  list({ state, after = "", limit }) {
    if (state === undefined) return this.#rows("WHERE id > ? ORDER BY id LIMIT ?", after, limit);
    if (state !== "delivering") return this.#rows("WHERE state = ? AND id > ? ORDER BY id LIMIT ?", state, after, limit);
    return this.#rows("WHERE state IN ('delivering', 'parked') AND id > ? ORDER BY id LIMIT ?", after, limit);
  }

  // Counted once, and again after `recount`: a transaction that was rolled back added none.
  pending() {
    this.#pending ??= this.#sql.exec(`SELECT COUNT(*) AS count FROM extracta_batches WHERE ${PENDING}`).one().count;
    return this.#pending;
  }

  recount() {
    this.#pending = undefined;
  }

  // Polls with something to do until then, the longest overdue first.
  duePolls(until, limit) {
    return this.#rows("WHERE state = 'polling' AND next_at <= ? ORDER BY next_at LIMIT ?", until, limit);
  }

  // Deliveries to try by now, to targets other than these.
  dueDeliveries(now, except, limit) {
    return this.#rows(
      `WHERE state = 'delivering' AND next_at <= ? AND target_key NOT IN (SELECT value FROM json_each(?)) ORDER BY next_at LIMIT ?`,
      now, JSON.stringify(except), limit,
    );
  }

  nextDeliveryAt(after) {
    return this.#sql.exec("SELECT MIN(next_at) AS at FROM extracta_batches WHERE state = 'delivering' AND next_at > ?", after).one().at ?? undefined;
  }

  // The parked delivery to try first, should its target be well again.
  probe(targetKey) {
    const [row] = this.#rows("WHERE state = 'parked' AND target_key = ? ORDER BY next_at LIMIT 1", targetKey);
    return row;
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
    const { next, probe, late, settled } = this.#sql.exec(
      `SELECT (SELECT MIN(next_at) FROM extracta_batches WHERE state IN ('polling', 'delivering')) AS next,
        (SELECT MIN(probe_at) FROM extracta_failing_targets) AS probe,
        (SELECT MIN(deliver_by) FROM extracta_batches WHERE state = 'parked') AS late,
        (SELECT MIN(settled_at) FROM extracta_batches WHERE settled_at IS NOT NULL) AS settled`,
    ).one();
    const moments = [next, late === null ? null : probe, late].filter((moment) => moment !== null);
    if (moments.length > 0) return Math.min(...moments);
    return settled === null ? undefined : settled + keepMs;
  }

  // A request starts. How often one started without a known end is counted.
  requested(id) {
    this.#set(id, "asking = asking + 1");
  }

  // A request ended that says nothing of the batch.
  unanswered(id, nextAt) {
    this.#set(id, "asking = 0, next_at = ?", nextAt);
  }

  // Word of a batch came: its poll as it now stands.
  replied(id, { snapshot, nextAt, attempts, counts }) {
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

  // A delivery starts, of one that may have been parked. To set a state is to write its index anew, though it stays the same.
  delivering({ id, state }, nextAt) {
    this.#set(id, `${state === "parked" ? "state = 'delivering', " : ""}deliveries = deliveries + 1, next_at = ?`, nextAt);
  }

  notDelivered(id, why, nextAt) {
    this.#set(id, "asking = 0, delivery_error = ?, next_at = ?", why, nextAt);
  }

  // The end, unless there was one already: what is cancelled stays so.
  settled(id, state, now, why = null) {
    this.#settle(id, "state = ?, settled_at = ?, delivery_error = ?", state, now, why);
  }

  later(id, nextAt) {
    this.#set(id, "next_at = ?", nextAt);
  }

  // Those whose delivery was tried for long enough; `busy` are under way.
  giveUpDeliveries(now, busy) {
    const late = "state IN ('delivering', 'parked') AND deliver_by <= ? AND id NOT IN (SELECT value FROM json_each(?))";
    const ids = this.#sql.exec(`SELECT id FROM extracta_batches WHERE ${late}`, now, JSON.stringify(busy)).toArray();
    for (const { id } of ids) this.#settle(id, "state = 'undelivered', settled_at = ?", now);
    return ids.map(({ id }) => id);
  }

  forget(settledBefore) {
    this.#sql.exec("DELETE FROM extracta_batches WHERE settled_at <= ?", settledBefore);
    // Row ids count up, so the difference is at least how many there are. By them, and not by the index of all that ended.
    this.#sql.exec(
      "DELETE FROM extracta_batches NOT INDEXED WHERE rowid <= (SELECT MAX(rowid) FROM extracta_batches) - ? AND settled_at IS NOT NULL",
      MOST_KEPT,
    );
  }

  // The targets that fail, by key: how often in a row, and when to try one again.
  failingTargets() {
    const rows = this.#sql.exec("SELECT * FROM extracta_failing_targets").toArray();
    return new Map(rows.map(({ key, failures, probe_at: probeAt }) => [key, { failures, probeAt }]));
  }

  targetFails(key, { failures, probeAt }) {
    this.#sql.exec(
      `INSERT INTO extracta_failing_targets (key, failures, probe_at) VALUES (?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, probe_at = excluded.probe_at`,
      key, failures, probeAt,
    );
  }

  // Of those that nothing is left for, nobody knows whether they are well.
  forgetTargets() {
    const { rowsWritten } = this.#sql.exec(
      `DELETE FROM extracta_failing_targets WHERE key NOT IN (SELECT target_key FROM extracta_batches WHERE ${PENDING})`,
    );
    return rowsWritten > 0;
  }

  // Its deliveries wait, and are looked at by nobody until it is well.
  park(key, busy) {
    this.#sql.exec(
      `UPDATE extracta_batches SET state = 'parked' WHERE state = 'delivering' AND target_key = ? AND id NOT IN (SELECT value FROM json_each(?))`,
      key, JSON.stringify(busy),
    );
  }

  targetIsWell(key, now) {
    this.#sql.exec("DELETE FROM extracta_failing_targets WHERE key = ?", key);
    this.#sql.exec("UPDATE extracta_batches SET state = 'delivering', next_at = MIN(next_at, ?) WHERE state = 'parked' AND target_key = ?", now, key);
  }

  // Until when no request may go to a lane. Not `OR REPLACE`, which writes the index anew as well: rows are billed.
  closeLane(url, now, until) {
    this.#sql.exec(
      `INSERT INTO extracta_closed_lanes (url, closed_at, closed_until) VALUES (?, ?, ?)
        ON CONFLICT (url) DO UPDATE SET closed_at = excluded.closed_at, closed_until = excluded.closed_until`,
      url, now, until,
    );
  }

  lanesOpenAt() {
    return this.#sql.exec("SELECT MAX(closed_until) AS at FROM extracta_closed_lanes").one().at ?? 0;
  }

  // Why nothing is polled at present.
  get fault() {
    return this.#sql.exec("SELECT value FROM extracta_notes WHERE name = 'fault'").toArray()[0]?.value;
  }

  set fault(fault) {
    if (fault === this.fault) return;
    if (fault === undefined) this.#sql.exec("DELETE FROM extracta_notes WHERE name = 'fault'");
    else this.#sql.exec("INSERT OR REPLACE INTO extracta_notes (name, value) VALUES ('fault', ?)", fault);
  }

  // True once where the wall clock stands before a moment that it has shown, in this life of the object or, by what is stored, in
  // another. What was then arranged for is arranged anew, as if no time had passed.
  clockWentBack(now, longestWaitMs) {
    const isFirst = this.#latest === -Infinity;
    const wentBack = now < this.#latest - CLOCK_TOLERANCE_MS;
    this.#latest = wentBack ? now : Math.max(this.#latest, now);
    if (!isFirst && !wentBack) return false;
    const later = now + CLOCK_TOLERANCE_MS;
    const change = (text, ...values) => this.#sql.exec(text, ...values).rowsWritten;
    change(
      `UPDATE extracta_batches SET next_at = ? + MAX(0, MIN(snapshot ->> 'dueInMs', next_at - (snapshot ->> 'savedAt')))
        WHERE state = 'polling' AND next_at > ? AND (snapshot ->> 'savedAt') > ?`,
      now, now, later,
    );
    change(
      `UPDATE extracta_batches SET next_at = MAX(?, (snapshot ->> 'savedAt') + (snapshot ->> 'dueInMs'))
        WHERE state = 'polling' AND next_at > ? AND next_at > (snapshot ->> 'savedAt') + (snapshot ->> 'dueInMs') + ?`,
      now, now + longestWaitMs, longestWaitMs,
    );
    change(`UPDATE extracta_batches SET deadline_at = deadline_at - (created_at - ?), created_at = ? WHERE ${PENDING} AND created_at > ?`, now, now, later);
    change("UPDATE extracta_batches SET next_at = ? WHERE state IN ('delivering', 'parked') AND next_at > ?", now, now + longestWaitMs);
    change(
      "UPDATE extracta_batches SET deliver_by = ? + deliver_within_ms WHERE state IN ('delivering', 'parked') AND deliver_by > ? + deliver_within_ms",
      now, later,
    );
    change("UPDATE extracta_batches SET settled_at = ? WHERE settled_at > ?", now, later);
    change("UPDATE extracta_closed_lanes SET closed_until = closed_until - (closed_at - ?), closed_at = ? WHERE closed_at > ?", now, now, later);
    change("UPDATE extracta_failing_targets SET probe_at = ? WHERE probe_at > ?", now, now + longestWaitMs);
    return wentBack;
  }

  #settle(id, assignments, ...values) {
    const wasPending = this.#set(id, `asking = 0, ${assignments}`, ...values);
    if (wasPending && this.#pending !== undefined) this.#pending -= 1;
  }

  #set(id, assignments, ...values) {
    const { rowsWritten } = this.#sql.exec(`UPDATE extracta_batches SET ${assignments} WHERE id = ? AND ${PENDING}`, ...values, id);
    return rowsWritten > 0;
  }

  #rows(where, ...values) {
    return this.#sql.exec(`SELECT * FROM extracta_batches ${where}`, ...values).toArray().map(rowFrom);
  }
}

function rowFrom(row) {
  const parsed = (text) => (text === null ? undefined : JSON.parse(text));
  return {
    id: row.id,
    batch: parsed(row.batch),
    options: parsed(row.options),
    target: parsed(row.target),
    targetKey: row.target_key,
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
