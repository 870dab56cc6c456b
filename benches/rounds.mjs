// Rounds in which everyone has a turn, each time in another order: what the machine does meanwhile meets all alike.

const WALL = { ms: () => performance.now() };

/** Calls of megabytes, which are measured one by one, need no more rounds than this to warm up. */
const BIG_CALLS_WARM_UP = 8;

/**
 * As many rounds again go before: engines optimise what runs often, and are not done with that for thousands of calls.
 *
 * `contenders` are functions by name; `calls` of one, one after the other, are timed as one. `meters` are functions by name
 * that give what a call is to be told by. Gives the samples of a call: for each contender and meter a list, round by round.
 */
export async function interleaved(contenders, { rounds, calls = 1, meters = WALL }) {
  const warmUp = calls === 1 ? Math.min(rounds, BIG_CALLS_WARM_UP) : rounds;
  const names = Object.keys(contenders);
  const read = () => Object.values(meters).map((meter) => meter());
  const samples = Object.fromEntries(names.map((name) => [name, Object.fromEntries(Object.keys(meters).map((meter) => [meter, []]))]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const turn of orderOf(names.length, round + warmUp)) {
      const name = names[turn];
      // A call by itself is one of megabytes. In whose turn the engine would tidy up after all of them is luck.
      if (calls === 1) globalThis.gc?.();
      const before = read();
      for (let call = 0; call < calls; call += 1) await contenders[name]();
      const behind = read();
      if (round < 0) continue;
      for (const [index, meter] of Object.keys(meters).entries()) samples[name][meter].push((behind[index] - before[index]) / calls);
    }
  }
  return samples;
}

/**
 * Who has which turn in a round: a Williams design. In every 2 × `count` rounds each has each turn equally often, and follows
 * each other one equally often, whose litter would else always be theirs.
 */
export function orderOf(count, round) {
  const zigzag = Array.from({ length: count }, (_, turn) => (turn % 2 === 0 ? turn / 2 : count - (turn + 1) / 2));
  const order = zigzag.map((place) => (place + (round >> 1)) % count);
  return round % 2 === 0 ? order : order.reverse();
}
