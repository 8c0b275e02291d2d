import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { squaredCurvature } from "../losses/output-curvature.ts";
import { randomStream } from "../random/stream.ts";
import { drawBatch } from "./batch/draw-batch.ts";
import { batchExtremeEigenvalues } from "./batch/extreme-eigenvalues.ts";
import { hessianVariance, localHessianVariance } from "./batch/hessian-variance.ts";
import { curvatureMomentum } from "./learning-rates/curvature-momentum.ts";
import { maxStableLearningRate } from "./learning-rates/max-stable-learning-rate.ts";
import { fileCurvature, modelCurvature } from "./model/model-curvature.ts";
import { exportCurvature } from "./onnx/export-curvature.ts";
import { loadCurvature } from "./onnx/load-curvature.ts";
import { empiricalFisherOperator, fisherOperator } from "./operators/fisher.ts";
import { gaussNewtonOperator } from "./operators/gauss-newton.ts";
import { lossHessianOperator } from "./operators/hessian.ts";
import { gaussNewtonSpectrum } from "./rows/gauss-newton-rows.ts";
import { perExampleGradientBlocks, perExampleHessianProductBlocks } from "./rows/per-example.ts";
import { exactSpectrum, symmetricMatrix } from "./spectrum/symmetric-matrix.ts";
import { isLinearlyStable, stabilityThreshold } from "./stability/threshold.ts";
import { classifier } from "./test-problem.ts";

const { loss, model, parameters, data } = classifier();
const problem = { loss, model, curvature: squaredCurvature(), parameters, data };
const unused = undefined as never;
const vector = new Float64Array(1);

test.each<readonly [string, (options: never) => unknown]>([
  ["drawBatch", (options) => drawBatch(randomStream(1), 10, 2, options)],
  ["batchExtremeEigenvalues", (options) => batchExtremeEigenvalues(unused, data, options)],
  ["hessianVariance", (options) => hessianVariance(problem, options)],
  ["localHessianVariance", (options) => localHessianVariance(problem, vector, options)],
  ["maxStableLearningRate", (options) => maxStableLearningRate(async () => 1, options)],
  ["curvatureMomentum", (options) => curvatureMomentum(options)],
  ["fileCurvature", (options) => fileCurvature(unused, {}, options)],
  ["loadCurvature", (options) => loadCurvature(new Uint8Array(0), options)],
  ["gaussNewtonSpectrum", (options) => gaussNewtonSpectrum(problem, options)],
  ["perExampleGradientBlocks", (options) => perExampleGradientBlocks(problem, options)],
  ["perExampleHessianProductBlocks", (options) => perExampleHessianProductBlocks(problem, vector, options)],
  ["symmetricMatrix", (options) => symmetricMatrix(unused, options)],
  ["exactSpectrum", (options) => exactSpectrum(unused, options)],
  ["stabilityThreshold", (options) => stabilityThreshold(unused, options)],
  ["isLinearlyStable", (options) => isLinearlyStable(unused, 1, options)],
])("%s refuses an unknown option by name", async (name, call) => {
  const refused = expect(async () => call({ memory: 1 } as never)).rejects;
  await refused.toThrow(ArgumentError);
  await refused.toThrow(`${name} has no option "memory"; its options are `);
});

test.each<readonly [string, (problem: never) => unknown]>([
  ["lossHessianOperator", lossHessianOperator],
  ["empiricalFisherOperator", empiricalFisherOperator],
  ["gaussNewtonOperator", gaussNewtonOperator],
  ["fisherOperator", fisherOperator],
  ["modelCurvature", modelCurvature],
  ["exportCurvature", exportCurvature],
  ["gaussNewtonSpectrum", gaussNewtonSpectrum],
  ["hessianVariance", hessianVariance],
  ["localHessianVariance", (given) => localHessianVariance(given, vector)],
  ["perExampleGradientBlocks", perExampleGradientBlocks],
  ["perExampleHessianProductBlocks", (given) => perExampleHessianProductBlocks(given, vector)],
])("%s refuses a field that no problem of curvature has", async (name, call) => {
  const refused = expect(async () => call({ ...problem, memory: 1 } as never)).rejects;
  await refused.toThrow(ArgumentError);
  await refused.toThrow(new RegExp(`^${name} has no option "memory"; its options are .*memoryLimit`));
});

test("a problem of curvature that is none is refused by what takes it", async () => {
  await expect(lossHessianOperator(undefined as never)).rejects.toThrow(
    "the problem of lossHessianOperator must be an object, got undefined",
  );
});

test("a problem for one matrix serves for another", async () => {
  using hessian = await lossHessianOperator(problem);
  using gaussNewton = await gaussNewtonOperator(problem);
  using fisher = await fisherOperator({ ...problem, distribution: "gaussian" });
  expect([gaussNewton.rows, fisher.rows]).toEqual([hessian.rows, hessian.rows]);
});
