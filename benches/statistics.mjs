// Many rounds as a few figures.

/** Median and quartiles. */
export function spreadOf(samples) {
  const sorted = [...samples].sort((one, other) => one - other);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75), rounds: sorted.length };
}

/** How many times as much as another's: round by round, as they lie side by side and what slowed both cancels out. */
export function ratioOf(samples, others) {
  return spreadOf(samples.map((sample, round) => sample / others[round]));
}

/** The spread of each contender's samples of a meter, with the ratio to one of them. */
export function compared(samples, meter, to) {
  const figures = ([name, own]) => [name, { ...spreadOf(own[meter]), ratio: ratioOf(own[meter], samples[to][meter]) }];
  return Object.fromEntries(Object.entries(samples).map(figures));
}

function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}
