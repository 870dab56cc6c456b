/** Has a results endpoint asked for a page of this origin, when its turn comes. */
export function askResults(_, request, env) {
  return env.PROXY.getByName("account").fetch(request);
}
