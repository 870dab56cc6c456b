// Who asks, where nobody says so: the address that a request comes from, as far as it can be believed.
import { isWorker } from "./platform.js";

export function addressOf({ headers }, { visitor }) {
  if (visitor !== undefined) return subnetOf(visitor);
  // Elsewhere whoever asks may write that header.
  return subnetOf((isWorker() && headers.get("cf-connecting-ip")) || "");
}

// A household has a whole /64 of IPv6.
function subnetOf(address) {
  if (!address.includes(":")) return address;
  const [, v4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (v4 !== undefined) return v4;
  if (!/^[\da-f:.]+(%.*)?$/i.test(address)) return address;
  const [head, tail] = address.split("::", 2).map((part) => part.split(":").filter(Boolean));
  const groups = tail === undefined ? head : [...head, ...Array(Math.max(8 - head.length - tail.length, 0)).fill("0"), ...tail];
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "").toLowerCase()).join(":");
}
