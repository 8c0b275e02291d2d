import { floatData, toNumbers } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { runtime as wasm } from "../../../graph/src/runtime/browser.ts";
import { solve } from "../iterate/iterate.ts";
import { exponentialAveraging } from "./average-parameters.ts";
import { networkLoss, optimizers, regression } from "./test-problem.ts";
import { train } from "./train.ts";

describe.each([
  ["f32", 1e-5, Object.keys(optimizers)],
  ["f64", 1e-12, ["adam", "rmsprop, centered, with momentum", "clipped three times and averaged"]],
] as const)(
  "the fused loop in WebAssembly ends where the native one does in %s",
  (dtype, tolerance, names) => {
    test.each(names)("%s", async (name) => {
      const { data, parameters } = regression(dtype);
      const problem = {
        loss: networkLoss,
        parameters,
        data,
        optimizer: optimizers[name](),
        averaging: exponentialAveraging(),
        batchSize: 5,
        epochs: 4,
        epochsPerIterate: 4,
      };
      const here = (await solve(train(problem))).iterate;
      const there = (await solve(train({ ...problem, runtime: wasm }))).iterate;
      expect(Math.abs(there.loss! - here.loss!)).toBeLessThan(tolerance);
      for (const [a, b] of [
        [here.parameters.hidden.weights, there.parameters.hidden.weights],
        [here.average!.output.weights, there.average!.output.weights],
      ])
        toNumbers(a).forEach((value, i) => {
          expect(Math.abs(value - floatData(b)[i])).toBeLessThan(tolerance);
        });
    });
  },
);
