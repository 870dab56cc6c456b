// What Chromium loads before a contender's module.
import { start } from "../nowhere.mjs";

globalThis.measureStart = (name, module) => start(name, () => import(module));
