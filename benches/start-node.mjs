// A contender's start in a fresh process. Takes its name and the address of its module; prints the milliseconds.
import { start } from "./nowhere.mjs";

const [name, module] = process.argv.slice(2);
console.log(JSON.stringify(await start(name, () => import(module))));
