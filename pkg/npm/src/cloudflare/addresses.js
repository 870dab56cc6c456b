// Which hosts are public, by their name alone. As `URL` writes it: IPv4 with dots, whatever base it was given in, IPv6 in brackets.

// The first address and the length of the prefix of each block that is not public, from IANA's registries of special purposes.
const BLOCKS_V4 = [
  [0, 0, 0, 0, 8], [10, 0, 0, 0, 8], [100, 64, 0, 0, 10], [127, 0, 0, 0, 8], [169, 254, 0, 0, 16], [172, 16, 0, 0, 12],
  [192, 0, 0, 0, 24], [192, 0, 2, 0, 24], [192, 168, 0, 0, 16], [198, 18, 0, 0, 15], [198, 51, 100, 0, 24], [203, 0, 113, 0, 24],
  [224, 0, 0, 0, 3],
];

// Names that lead to no public host: RFC 6761, 6762, 8375, and what networks use for their own.
const NAMES = ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa", "test", "invalid", "onion"];

export function isPublic(hostname) {
  const name = hostname.replace(/\.$/, "");
  if (name.startsWith("[")) return isPublicV6(groupsOf(name.slice(1, -1)));
  if (/^\d+(\.\d+){3}$/.test(name)) return isPublicV4(name.split(".").map(Number));
  // A name without a dot is looked up in the network one is in.
  return name.includes(".") && !NAMES.some((end) => name === end || name.endsWith(`.${end}`));
}

function isPublicV4(bytes) {
  const number = ([a, b, c, d]) => ((a * 256 + b) * 256 + c) * 256 + d;
  return !BLOCKS_V4.some(([a, b, c, d, length]) => {
    const size = 2 ** (32 - length);
    const first = number([a, b, c, d]);
    return number(bytes) >= first && number(bytes) < first + size;
  });
}

// Only what is assigned to the public net, 2000::/3, without documentation, and without what holds an IPv4 address.
function isPublicV6(groups) {
  const [first, second] = groups;
  const v4 = (high, low) => isPublicV4([high >> 8, high & 255, low >> 8, low & 255]);
  if (first === 0x64 && second === 0xff9b) return v4(groups[6], groups[7]);
  if (first === 0x2002) return v4(groups[1], groups[2]);
  if (first === 0x2001 && (second === 0xdb8 || second < 0x200)) return false;
  return first >= 0x2000 && first < 0x4000;
}

// The eight numbers of an address as `URL` writes it.
function groupsOf(text) {
  const [before, behind] = text.split("::").map((half) => (half === "" ? [] : half.split(":").map((group) => parseInt(group, 16))));
  if (behind === undefined) return before;
  return [...before, ...Array(8 - before.length - behind.length).fill(0), ...behind];
}
