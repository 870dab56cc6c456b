// A stored poll as it is shown: its ids, counts and states.
export function statusOf(row, fault) {
  const { id, batch, outcome, counts, attempts, error, deliveries, deliveryError, createdAt, settledAt } = row;
  // Whether others of the same target fail as well is no state of its own.
  const state = row.state === "parked" ? "delivering" : row.state;
  const status = { id, batch, state, outcome, counts, attempts, error, deliveries, deliveryError, createdAt, settledAt };
  if (settledAt === undefined) status.fault = fault;
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
