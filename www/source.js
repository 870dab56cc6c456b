import { ExtractaClient } from "/pkg/index.js";

const SOURCE_LABELS = {
  "stand-in": "Stand-in: made-up results",
  extracta: "Extracta.ai",
  proxy: "Own proxy",
};

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
      label: SOURCE_LABELS[source],
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
        return { baseUrl: "/api/v1", token: this.#standInToken };
    }
  }
}
