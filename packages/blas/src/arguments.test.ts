import { expect, test } from "vitest";
import { cholesky, choleskySolve } from "./dense/cholesky.ts";
import { lu, luSolve } from "./dense/lu.ts";
import { symmetricEigen, symmetricEigenvalues } from "./eigen/symmetric-eigen.ts";
import { tridiagonalEigen, tridiagonalEigenvalues, tridiagonalEnds } from "./eigen/tridiagonal-eigen.ts";
import { BlasArgumentError } from "./errors.ts";
import { gridLaplacian } from "./grids/grid-laplacian.ts";
import { dualActivation } from "./kernels/dual-activation.ts";
import { gaussianKernel } from "./kernels/gaussian-kernel.ts";
import { networkKernelRows } from "./kernels/network-kernel.ts";
import { rowProducts } from "./kernels/row-products.ts";
import { ResidentReluNetwork, reluNetworkGradient, reluNetworkOutputs } from "./networks/relu-network.ts";
import { leastSquares } from "./orthogonal/least-squares.ts";
import { applyQ, formQ, pivotedQr, qr, upperFactor } from "./orthogonal/qr.ts";
import { singularValues, svd } from "./orthogonal/svd.ts";
import { anisotropicSteps, isotropicSteps } from "./particles/steps.ts";
import { squaresAndWaves, waveBowls } from "./particles/waves.ts";
import { logisticCurvatures, logisticRows, logisticWeights } from "./rows/logistic.ts";
import { softmaxRows } from "./rows/softmax.ts";
import { sparseColumns } from "./sparse/sparse-columns.ts";
import { sparseRows } from "./sparse/sparse-rows.ts";
import { identityOf } from "./testing.ts";

const a = identityOf(2);
const two = () => Float64Array.of(1, 2);
const singles = () => Float32Array.of(1, 2);
const factors = qr({ a });
const unit = { activation: "relu" };
const layers = { weightVariances: [1], biasVariances: [0], xVariances: [], yVariances: [] };
const network = () => ({
  inputs: singles(),
  weights: singles(),
  outputWeights: Float32Array.of(1),
  dimension: 2,
  outputs: 1,
});
const steps = () => ({
  particles: two(),
  center: Float64Array.of(0, 0),
  noise: two(),
  pull: 1,
  scatter: 0,
  most: 1,
});
const duals = () => ({ k11: two(), k12: two(), k22: two(), covariance: two(), derivative: two() });
const rows = () => ({ outputs: two(), labels: Float64Array.of(1, -1), losses: two(), slopes: two() });
const scores = () => ({ scores: two(), classes: 1, labels: Int32Array.of(0, 0), losses: two() });

/** Functions that take their arguments by name, beside products and triangular ones, with arguments that fit. */
const functions: readonly (readonly [string, (options: never) => unknown, object])[] = [
  ["symmetricEigen", symmetricEigen, { a }],
  ["symmetricEigenvalues", symmetricEigenvalues, { a }],
  ["tridiagonalEigen", tridiagonalEigen, { diagonal: two(), offDiagonal: Float64Array.of(1) }],
  ["tridiagonalEigenvalues", tridiagonalEigenvalues, { diagonal: two(), offDiagonal: Float64Array.of(1) }],
  ["tridiagonalEnds", tridiagonalEnds, { diagonal: two(), offDiagonal: Float64Array.of(1) }],
  ["qr", qr, { a }],
  ["pivotedQr", pivotedQr, { a }],
  ["formQ", formQ, { factors }],
  ["applyQ", applyQ, { factors, c: identityOf(2) }],
  ["upperFactor", upperFactor, { factors }],
  ["leastSquares", leastSquares, { a, b: a }],
  ["svd", svd, { a }],
  ["singularValues", singularValues, { a }],
  ["rowProducts", rowProducts, { x: a, y: a }],
  ["gaussianKernel", gaussianKernel, { x: a, y: a, lengthScale: 1 }],
  ["networkKernelRows", networkKernelRows, { unit, x: a, y: a, ...layers }],
  ["dualActivation", (options) => dualActivation({ activation: "erf" }, options), duals()],
  ["reluNetworkOutputs", reluNetworkOutputs, network()],
  ["reluNetworkGradient", reluNetworkGradient, { ...network(), residuals: Float32Array.of(1) }],
  ["logisticRows", logisticRows, rows()],
  ["softmaxRows", softmaxRows, scores()],
  ["isotropicSteps", isotropicSteps, steps()],
  ["anisotropicSteps", anisotropicSteps, steps()],
];
const call = (run: (options: never) => unknown, options: unknown) => () =>
  Reflect.apply(run, undefined, [options]);

test.each(functions)("%s refuses what is none of its arguments", (_, run, options) => {
  expect(call(run, options)).not.toThrow();
  expect(call(run, { ...options, tolerance: 1 })).toThrow(BlasArgumentError);
  expect(call(run, { ...options, tolerance: 1 })).toThrow(/no option tolerance; its options are \w/);
  expect(call(run, undefined)).toThrow(BlasArgumentError);
  expect(call(run, undefined)).toThrow(/must be an object with \w+, got undefined/);
  for (const name of Object.keys(options)) {
    expect(call(run, { ...options, [name]: null })).toThrow(`${name} must not be null`);
    expect(call(run, { ...options, [name]: undefined })).toThrow(BlasArgumentError);
    expect(call(run, { ...options, [name]: undefined })).toThrow(name);
  }
});

test.each<readonly [string, (options: never) => unknown, object]>([
  ["cholesky", cholesky, { a: identityOf(2) }],
  ["choleskySolve", choleskySolve, { l: a, b: two() }],
  ["lu", lu, { a: identityOf(2) }],
  ["luSolve", luSolve, { lu: a, permutation: Int32Array.of(0, 1), b: two() }],
  ["gridLaplacian", gridLaplacian, { sizes: [2], diagonal: two() }],
])("%s refuses an unknown option, and null", (_, run, options) => {
  expect(call(run, options)).not.toThrow();
  expect(call(run, { ...options, tolerance: 1 })).toThrow(/no option tolerance; its options are \w/);
  expect(call(run, undefined)).toThrow(/must be an object with \w+, got undefined/);
  for (const name of Object.keys(options)) {
    expect(call(run, { ...options, [name]: null })).toThrow(BlasArgumentError);
    expect(call(run, { ...options, [name]: null })).toThrow(`${name} must not be null`);
  }
});

test("options of another kind are refused", () => {
  const { x, y } = { x: a, y: a };
  expect(call(applyQ, { factors, c: identityOf(2), transpose: "N" })).toThrow(
    'transpose must be true or false, got "N"',
  );
  expect(call(leastSquares, { a, b: a, relativeCutoff: "0" })).toThrow("relativeCutoff must be in [0, 1)");
  expect(call(gaussianKernel, { x, y, lengthScale: "1" })).toThrow("lengthScale must be a positive number");
  expect(call(networkKernelRows, { unit, x, y, ...layers, below: 1 })).toThrow(
    "below must be true or false, got 1",
  );
  expect(call(symmetricEigen, { a, triangle: "L" })).toThrow('triangle must be "lower" or "upper", got L');
});

test("sparse matrices must be there", () => {
  for (const run of [sparseRows, sparseColumns])
    expect(call(run, undefined)).toThrow("matrix must be a matrix, got undefined");
});

/** A copy whose buffer went elsewhere, as when it is sent to a worker. */
function transferred<T extends Float64Array | Float32Array | Int32Array>(values: T): T {
  const copy = values.slice();
  structuredClone(copy, { transfer: [copy.buffer] });
  expect(copy.length).toBe(0);
  return copy as T;
}

test("arrays whose buffers were transferred are refused by name", () => {
  const gone = transferred(two());
  const refused = (run: () => unknown, name: string) => {
    expect(run).toThrow(BlasArgumentError);
    expect(run).toThrow(`${name} must not be transferred`);
  };
  refused(call(tridiagonalEnds, { diagonal: gone, offDiagonal: gone }), "diagonal");
  refused(call(dualActivation.bind(undefined, { activation: "relu" }), { ...duals(), k12: gone }), "k12");
  refused(call(reluNetworkOutputs, { ...network(), inputs: transferred(singles()) }), "inputs");
  refused(call(logisticRows, { ...rows(), outputs: gone }), "outputs");
  refused(call(softmaxRows, { ...scores(), labels: transferred(Int32Array.of(0)) }), "labels");
  refused(call(isotropicSteps, { ...steps(), particles: gone }), "particles");
  refused(() => logisticCurvatures(gone, gone), "outputs");
  refused(() => logisticWeights(gone, gone), "margins");
  refused(() => waveBowls(gone, 1, 1, gone), "points");
  refused(() => squaresAndWaves(gone, 1, two(), two()), "points");
  const points = { inputs: singles(), outputWeights: transferred(singles()), dimension: 2, outputs: 1 };
  refused(() => new ResidentReluNetwork(points), "outputWeights");
  // what has no numbers, and never had, is no error
  expect(
    tridiagonalEnds({ diagonal: new Float64Array(0), offDiagonal: new Float64Array(0) }).values.length,
  ).toBe(0);
});
