import { poll } from "./poll.js";

onmessage = async ({ data }) => postMessage(await poll(...data));
