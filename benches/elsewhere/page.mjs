// What Chromium loads, to measure calls and starts.
import { ExtractaClient } from "extracta-wasm";
import { callers } from "../callers.mjs";
import { answering, NOWHERE } from "../nowhere.mjs";
import { replyOf } from "../replies.mjs";
import { interleaved } from "../rounds.mjs";

globalThis.measureCalls = (files, plan) =>
  interleaved(callers({ ExtractaClient, baseUrl: NOWHERE, files, fetch: answering(replyOf(files)) }), plan);
