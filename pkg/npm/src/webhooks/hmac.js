// Keys for HMAC-SHA256 by WebCrypto. To make one of a secret takes as long as to hash a small body, so the latest are kept: keys, not
// promises of them, as in a Worker no request may wait for another's.
const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
const MOST_KEYS = 16;

/** Gives the key of a secret; `bytesOf` says what it is made of. */
export function keysOf(bytesOf) {
  const keys = new Map();
  return async (secret) => {
    let key = keys.get(secret);
    if (!key) {
      key = await crypto.subtle.importKey("raw", bytesOf(secret), ALGORITHM, false, ["sign", "verify"]);
      // A Map gives the oldest first.
      if (keys.size >= MOST_KEYS) keys.delete(keys.keys().next().value);
      keys.set(secret, key);
    }
    return key;
  };
}
