// What people write by hand. One request: no limit, no abort, no errors distinguished.
export async function results(baseUrl, token, ids, { fetch = globalThis.fetch } = {}) {
  const response = await fetch(`${baseUrl}/getBatchResults`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(ids),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

// And the loop around it: no deadline, one batch, and two seconds between the requests of this loop only.
export async function poll(baseUrl, token, ids, { intervalMs = 2000, ...options } = {}) {
  for (;;) {
    const reply = await results(baseUrl, token, ids, options);
    if (reply.status !== "waiting") return reply;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
