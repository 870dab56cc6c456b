import { Refused } from "./refused.js";

/** A handler that answers with what `route` gives, or with its refusal. */
export function answering(route) {
  return async (request, env) => {
    try {
      return await route(request, env);
    } catch (error) {
      if (error instanceof Refused) return error.toResponse();
      throw error;
    }
  };
}
