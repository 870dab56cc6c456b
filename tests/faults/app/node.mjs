import { play } from "./play.mjs";

const [standin, refused, run] = process.argv.slice(2);
console.log(JSON.stringify(await play({ standin, refused, run })));
