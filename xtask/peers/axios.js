// The documentation's way to ask once. Polling is the reader's business.
import axios from "axios";

export const results = (baseUrl, token, ids, options) =>
  axios.post(`${baseUrl}/getBatchResults`, ids, { headers: { authorization: `Bearer ${token}` }, ...options }).then(({ data }) => data);
