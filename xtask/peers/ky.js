// As with axios: one request.
import ky from "ky";

export const results = (baseUrl, token, ids, options) =>
  ky.post(`${baseUrl}/getBatchResults`, { json: ids, headers: { authorization: `Bearer ${token}` }, ...options }).json();
