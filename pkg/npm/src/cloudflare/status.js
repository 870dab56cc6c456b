// A stored poll as it is shown: its ids, counts and states.
export function statusOf(row, fault) {
  const { id, batch, state, outcome, counts, attempts, error, deliveries, deliveryError, createdAt, settledAt } = row;
  const status = { id, batch, state, outcome, counts, attempts, error, deliveries, deliveryError, createdAt, settledAt };
  if (settledAt === undefined) status.fault = fault;
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
