// The loop that people write by hand: no deadline, no abort, no errors told apart, one batch, and two seconds between the
// requests of this loop only.
export async function poll(baseUrl, token, ids) {
  for (;;) {
    const response = await fetch(`${baseUrl}/getBatchResults`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(ids),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const results = await response.json();
    if (results.status !== "waiting") return results;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}
