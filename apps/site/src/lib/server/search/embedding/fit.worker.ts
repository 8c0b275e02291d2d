// Fits a model beside the server's own thread: first the papers' lexemes come, some at a time, then a seed.
import { parentPort } from "node:worker_threads";
import { encodeModel } from "./codec.ts";
import type { FitRequest } from "./fit.ts";
import { fitLsa, type TermCount } from "./lsa.ts";
import { termsOfVector } from "./terms.ts";

const texts: TermCount[][] = [];

parentPort?.on("message", async (request: FitRequest) => {
  if ("words" in request) {
    for (const words of request.words) texts.push(termsOfVector(words));
    return;
  }
  const state = encodeModel(await fitLsa(texts, { seed: request.seed }));
  parentPort?.postMessage(state);
});
