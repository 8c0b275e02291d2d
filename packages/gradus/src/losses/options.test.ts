import { compile, f64, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import * as losses from "./index.ts";

// Typed so that nothing but the check at run time sees the option.
const unknown: object = { unheardOf: 1 };

/** The error of tracing a function of labels and outputs [3]. */
async function traced(f: (x: Tensor) => unknown): Promise<unknown> {
  try {
    const program = await compile((x: Tensor) => {
      f(x);
      return x;
    }, f64(3));
    await program.dispose();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each<[string, (x: Tensor) => unknown]>([
  ["hingeLoss", () => losses.hingeLoss(unknown)],
  ["multiclassHingeLoss", () => losses.multiclassHingeLoss(3, unknown)],
  ["huberLoss", () => losses.huberLoss(unknown)],
  ["squaredCurvature", () => losses.squaredCurvature(unknown)],
  ["sigmoidCrossEntropy", (x) => losses.sigmoidCrossEntropy(x, x, unknown)],
  ["softmaxCrossEntropy", (x) => losses.softmaxCrossEntropy(x, x, unknown)],
  ["meanSquaredError", (x) => losses.meanSquaredError(x, x, unknown)],
  ["meanAbsoluteError", (x) => losses.meanAbsoluteError(x, x, unknown)],
  ["amplify", () => losses.amplify(0.3, unknown)],
  ["amplify", (x) => losses.amplify(x, unknown)],
  ["softDecision", () => losses.softDecision(0.3, unknown)],
  ["softDecision", (x) => losses.softDecision(x, unknown)],
  ["softConfusionMatrix", () => losses.softConfusionMatrix(Float64Array.of(0.3), [1], unknown)],
  ["softConfusionMatrix", (x) => losses.softConfusionMatrix(x, x, unknown)],
  ["metricLoss", () => losses.metricLoss("f1", unknown)],
  ["scoreOrientedLoss", () => losses.scoreOrientedLoss("f1", unknown)],
  // The traced forms of loss records.
  ["hingeLoss.traced", (x) => losses.hingeLoss().traced(x, x, unknown)],
  ["multiclassHingeLoss.traced", (x) => losses.multiclassHingeLoss(3).traced(x, x, unknown)],
  ["huberLoss.traced", (x) => losses.huberLoss().traced(x, x, unknown)],
  ["squaredLoss.traced", (x) => losses.squaredLoss.traced(x, x, unknown)],
  ["logisticLoss.traced", (x) => losses.logisticLoss.traced(x, x, unknown)],
  ["expectedCostLoss.traced", (x) => losses.expectedCostLoss.traced(x, x, unknown)],
])("%s refuses an unknown option", async (of, f) => {
  const error = await traced(f);
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error).toHaveProperty("message", expect.stringContaining(`${of} has no option "unheardOf"`));
});

test("the counts of arrays have no reduction, those of tensors only a known one", async () => {
  const counts = (options: object) => losses.softConfusionMatrix(Float64Array.of(0.3), [1], options);
  expect(() => counts({ reduction: "micro" })).toThrow('softConfusionMatrix has no option "reduction"');
  const wrong = { reduction: "mean" as never };
  const error = await traced((x) => losses.softConfusionMatrix(x, x, wrong));
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error).toHaveProperty("message", 'reduction must be "micro" or "macro", got "mean"');
});
