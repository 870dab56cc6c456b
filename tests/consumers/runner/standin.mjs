// The stand-in that apps poll.
import { setting } from "./settings.mjs";

export const standin = setting("EXTRACTA_STANDIN_URL", "the address of a running stand-in, http://127.0.0.1:PORT say").replace(/\/$/, "");
