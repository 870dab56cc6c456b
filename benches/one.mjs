// One measurement in a process of its own; it reports the figures to its parent.
const [name, how] = process.argv.slice(2);
const { measure } = await import(`./measurements/${name}.mjs`);
process.send(await measure({ short: how === "short" }), () => process.exit());
