import { Refused } from "./refused.js";

/** The first of `[prefix, handler]` whose prefix the path has; the handler is given what follows, the request and `env`. */
export function routes(table) {
  return (request, env) => {
    const { pathname } = new URL(request.url);
    const [prefix, handler] = table.find(([prefix]) => pathname.startsWith(prefix)) ?? [];
    if (!handler) throw new Refused(404, "There is nothing at this address.");
    return handler(pathname.slice(prefix.length), request, env);
  };
}
