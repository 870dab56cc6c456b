// A page's batches have ids that the stand-in does not know: it is asked for one of its own, and its answer has the page's id.

/** Sends a results request to the stand-in, for `batch` in place of the batch that `body` names. */
export async function renamed(address, { body, headers, batch }) {
  const requested = JSON.parse(body);
  const response = await fetch(address, { method: "POST", headers, body: JSON.stringify({ ...requested, batchId: batch }) });
  const text = (await response.text()).replaceAll(JSON.stringify(batch), JSON.stringify(requested.batchId));
  return new Response(text, { status: response.status, headers: { "content-type": response.headers.get("content-type") } });
}
