import { masking } from "./masking.js";
import { OWN_HEADERS, Refused } from "./refused.js";

/** What the client reads of an answer. Cookies, above all, are between the API and whoever has the key. */
const PASSED_ON = ["content-type", "retry-after"];

/** Asks the API, once, and hands its answer on as it arrives. Nothing of the caller's request goes along but the ids. */
export async function ask(endpoint, batch, { apiKey, baseUrl }) {
  const answer = await answerOf(`${baseUrl}/${endpoint}`, {
    method: "POST",
    headers: { accept: "application/json", authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(batch),
    // It would take the key along.
    redirect: "manual",
  });
  const headers = new Headers(OWN_HEADERS);
  for (const name of PASSED_ON) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  // Servers are known to quote the key that they refuse.
  return new Response(answer.body?.pipeThrough(masking(apiKey)), { status: answer.status, headers });
}

async function answerOf(url, request) {
  let answer;
  try {
    answer = await fetch(url, request);
  } catch {
    throw new Refused(502, "The API could not be reached.");
  }
  const { status } = answer;
  if ((status >= 200 && status < 300) || (status >= 400 && status < 600)) return answer;
  // Unread, it would hold its connection.
  await answer.body?.cancel();
  const redirects = status >= 300 && status < 400;
  const what = redirects ? "redirects, which the Worker does not follow" : "gave a status that cannot be passed on";
  throw new Refused(502, `The API ${what}. Check the Worker's variable EXTRACTA_BASE_URL.`);
}
