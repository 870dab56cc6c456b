// How many visitors are done over time, a line for each proxy, as SVG.

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [760, 320, 60, 30, 60, 50];
/** Ours, then the others. */
const COLOURS = ["#0b6e4f", "#9aa5b1"];

export function plot(seen) {
  const lastMs = Math.max(...Object.values(seen).map(({ tookMs }) => tookMs));
  const most = Math.max(...Object.values(seen).map(({ visitors }) => visitors));
  const x = (ms) => Math.round(LEFT + (ms / lastMs) * (WIDTH - LEFT - RIGHT));
  const y = (count) => Math.round(HEIGHT - BOTTOM - (count / most) * (HEIGHT - TOP - BOTTOM));
  const parts = [];
  for (const count of [0, most / 2, most]) {
    parts.push(`<line x1="${LEFT}" y1="${y(count)}" x2="${WIDTH - RIGHT}" y2="${y(count)}" stroke="#dde3e8"/>`, `<text x="${LEFT - 8}" y="${y(count) + 4}" text-anchor="end">${count}</text>`);
  }
  const step = [10, 20, 30, 60, 120].find((seconds) => lastMs / 1_000 / seconds <= 8) ?? 300;
  for (let seconds = 0; seconds * 1_000 <= lastMs; seconds += step) {
    parts.push(`<text x="${x(seconds * 1_000)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${seconds} s</text>`);
  }
  const [{ idealMs }] = Object.values(seen);
  parts.push(
    `<line x1="${x(idealMs)}" y1="${TOP}" x2="${x(idealMs)}" y2="${HEIGHT - BOTTOM}" stroke="#52606d" stroke-dasharray="4 4"/>`,
    `<text x="${x(idealMs) + 6}" y="${(TOP + HEIGHT - BOTTOM) / 2 + 30}">the shortest time in which everyone can be done</text>`,
  );
  Object.entries(seen).forEach(([name, { doneAfterMs, tookMs, refused, upstream }], n) => {
    const steps = doneAfterMs.map((ms, index) => `H${x(ms)}V${y(index + 1)}`).join("");
    parts.push(
      `<path d="M${x(0)} ${y(0)}${steps}H${x(tookMs)}" fill="none" stroke="${COLOURS[n]}" stroke-width="3"/>`,
      `<text x="${LEFT + n * 340}" y="42" fill="${COLOURS[n]}" font-weight="bold">${name}: ${refused} of ${upstream} refused</text>`,
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img">
<title>How many visitors are done, over time</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="10" y="20" font-size="14" font-weight="bold">How many visitors are done, over time</text>
${parts.join("\n")}
</svg>
`;
}
