// Files to upload, and what the stand-in saw of them.

export const HEBREW = 'חשבונית "מס׳ 7" – סופי.pdf';
export const LARGE = 50_000_000;

/** The uploads of a token that began, those that broke off among them. */
export async function uploadsOf({ baseUrl, token }) {
  const response = await fetch(new URL(`/_standin/uploads?token=${encodeURIComponent(token)}`, baseUrl));
  if (!response.ok) throw new Error(`the stand-in answered ${response.status}`);
  return response.json();
}

/** Bytes that look like nothing else, the same for the same seed. */
export function bytesOf(length, seed = 1) {
  const bytes = new Uint8Array(length);
  for (let n = 0, state = seed; n < length; n++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[n] = state >>> 24;
  }
  return bytes;
}

/** As the stand-in computes it of what it reads. */
export function checksumOf(bytes) {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}

/** A file as the stand-in lists it. */
export function listed(name, bytes) {
  return { fileName: name, bytes: bytes.length, checksum: checksumOf(bytes) };
}

/** The files of an upload, without what their parts say of their type. */
export function filesOf({ files }) {
  return files.map(({ fileName, bytes, checksum }) => ({ fileName, bytes, checksum }));
}
