import { ExtractaClient } from "/pkg/index.js";
import { SERVED_BY } from "./served-by.js";

const SOURCE_LABELS = {
  "stand-in": "Stand-in",
  extracta: "Extracta.ai",
  proxy: "Own proxy",
};

/** Whether the results of a source are made up by a stand-in, which has scripted batches. */
export function isScripted(source) {
  return SERVED_BY.scripted && SERVED_BY.source === source;
}

/** Where requests go, and the only holder of the API key. */
export class Source {
  // A token of its own for each page load: the stand-in paces by token, and two tabs should not hold each other up.
  #standInToken = `demo-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("")}`;
  #apiKey = "";

  get hasKey() {
    return this.#apiKey !== "";
  }

  rememberKey(apiKey) {
    this.#apiKey = apiKey;
  }

  forgetKey() {
    this.#apiKey = "";
  }

  /**
   * Answers with the source's name and with `connect`, which makes a client for one poll. Clients of one page that use
   * the same token share the pacing, so a client for each poll asks no faster than one for all would.
   */
  choose({ source, baseUrl }) {
    const options = this.#clientOptions(source, baseUrl);
    return {
      source,
      label: isScripted(source) ? `${SOURCE_LABELS[source]}: made-up results` : SOURCE_LABELS[source],
      connect: (onEvent) => new ExtractaClient({ ...options, onEvent }),
    };
  }

  #clientOptions(source, baseUrl) {
    switch (source) {
      case "extracta":
        return { token: this.#apiKey, allowTokenInBrowser: true };
      case "proxy":
        return { baseUrl };
      default:
        return { baseUrl: SERVED_BY.baseUrl, token: this.#standInToken };
    }
  }
}
