// What Chromium loads, to measure calls and starts.
import { ExtractaClient } from "extracta-wasm";
import { askers } from "../askers.mjs";
import { answering, NOWHERE } from "../nowhere.mjs";
import { replyOf } from "../replies.mjs";
import { interleaved } from "../rounds.mjs";

globalThis.measureCalls = (files, plan) =>
  interleaved(askers({ ExtractaClient, baseUrl: NOWHERE, files, fetch: answering(replyOf(files)) }), plan);
