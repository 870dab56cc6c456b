import { ExtractaPolls, ExtractaProxy, accountLane } from "extracta-wasm/cloudflare";
import { Refused } from "./refused.js";
import { settingsFrom } from "./settings.js";

/** Holds what pages ask until it is their turn, keeps the key, and is the lane of the account: one object for all who visit. */
export class Proxy extends ExtractaProxy {
  options() {
    const { apiKey, baseUrl } = settingsFrom(this.env);
    return { token: apiKey, baseUrl };
  }

  async fetch(request) {
    try {
      return await super.fetch(request);
    } catch (error) {
      if (error instanceof Refused) return error.toResponse();
      throw error;
    }
  }
}

export class Polls extends ExtractaPolls {
  client() {
    const { apiKey, baseUrl } = settingsFrom(this.env);
    return { token: apiKey, baseUrl, sharePacing: accountLane(this.env.PROXY) };
  }

  /** Starts a poll of a batch, or gives the one that is under way: `{ id }`; without one where no more can be taken. */
  async startOnce(batch, options) {
    const name = await nameOf(batch);
    for (let before = 0; ; before++) {
      const id = before === 0 ? name : `${name}-${before}`;
      const status = this.status(id);
      // One that has settled may be followed by another.
      if (status?.settledAt !== undefined) continue;
      try {
        await this.start({ ...batch, id }, options);
        return { id };
      } catch (error) {
        if (error instanceof RangeError) return {};
        throw error;
      }
    }
  }
}

/** The same for the same batch. Ids of any length and alphabet go into it. */
async function nameOf({ extractionId, classificationId, batchId, fileId }) {
  const text = JSON.stringify([extractionId, classificationId, batchId, fileId].map((id) => id ?? null));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
