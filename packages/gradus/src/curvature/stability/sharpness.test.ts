import { expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { jacobiEigenvalues } from "../../linalg/test-matrices.ts";
import { randomStream } from "../../random/stream.ts";
import { alignment, frobeniusBound } from "./alignment.ts";
import { batchNoiseShare } from "./batch-noise.ts";
import { stablePathNorms, stableSumNorms } from "./norm-bounds.ts";
import { gramOfBlocks } from "./row-gram.ts";
import { sharpness } from "./sharpness.ts";

const gaussian = (rows: number, columns: number) => ({
  rows,
  columns,
  values: randomStream(7).fillNormal(new Float64Array(rows * columns)),
});

/** J^T diag(weights) J / n written out. */
function weightedGram(
  { rows, columns, values }: ReturnType<typeof gaussian>,
  weights: Float64Array,
): Float64Array {
  const G = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++)
    for (let a = 0; a < columns; a++)
      for (let b = 0; b < columns; b++)
        G[a * columns + b] += (weights[i] * values[i * columns + a] * values[i * columns + b]) / rows;
  return G;
}

/** G = J^T J / n. */
const gramOf = (J: ReturnType<typeof gaussian>) => weightedGram(J, new Float64Array(J.rows).fill(1));

/** tr(A B) of symmetric matrices. */
const traceOfProduct = (A: Float64Array, B: Float64Array) =>
  A.reduce((sum, entry, k) => sum + entry * B[k], 0);

const traceOf = (A: Float64Array, n: number) =>
  A.reduce((sum, entry, k) => (k % (n + 1) === 0 ? sum + entry : sum), 0);

test.each([
  [5, 9],
  [9, 5],
  [4, 4],
])("sizes of G, %d examples and %d parameters", async (rows, columns) => {
  const J = gaussian(rows, columns);
  const G = gramOf(J);
  const { trace, frobenius, lambdaMax } = sharpness(J);
  expect(trace).toBeCloseTo(traceOf(G, columns), 12);
  expect(frobenius).toBeCloseTo(Math.sqrt(traceOfProduct(G, G)), 12);
  expect(lambdaMax).toBeCloseTo(jacobiEigenvalues(G, columns)[0], 12);
  const blocks = [columns >> 1, columns - (columns >> 1)].map((width, b) => {
    const from = b * (columns >> 1);
    return denseMatrix(
      Float64Array.from(
        { length: rows * width },
        (_, k) => J.values[Math.floor(k / width) * columns + from + (k % width)],
      ),
      rows,
      width,
    );
  });
  const streamed = sharpness({ gram: await gramOfBlocks(rows, blocks) });
  expect(streamed.trace).toBeCloseTo(trace, 12);
  expect(streamed.frobenius).toBeCloseTo(frobenius, 12);
  expect(streamed.lambdaMax).toBeCloseTo(lambdaMax, 12);
});

test("a power of two in J is its square in all sizes of G, where squares of those leave float64", () => {
  const J = gaussian(4, 3);
  const { trace, frobenius, lambdaMax } = sharpness(J);
  for (const exponent of [-270, -300, 270, 300]) {
    const found = sharpness({ ...J, values: J.values.map((value) => value * 2 ** exponent) });
    const unit = 4 ** exponent;
    expect(found.trace / unit).toBeCloseTo(trace, 12);
    expect(found.frobenius / unit).toBeCloseTo(frobenius, 12);
    expect(found.lambdaMax / unit).toBeCloseTo(lambdaMax, 12);
  }
});

test("alignment, from the matrices written out", () => {
  const J = gaussian(5, 7);
  const r = Float64Array.of(0.5, -1, 2, 0.1, -0.3);
  const G = gramOf(J);
  const gradient = new Float64Array(7);
  for (let i = 0; i < 5; i++) for (let a = 0; a < 7; a++) gradient[a] += (r[i] * J.values[i * 7 + a]) / 5;
  const squares = r.map((v) => v * v);
  const Sigma = weightedGram(J, squares).map(
    (entry, k) => entry - gradient[Math.floor(k / 7)] * gradient[k % 7],
  );
  const found = alignment(J, r);
  expect(found.noiseAlongCurvature).toBeCloseTo(traceOfProduct(Sigma, G), 11);
  expect(found.noise).toBeCloseTo(traceOf(Sigma, 7), 11);
  expect(found.loss).toBeCloseTo((0.25 + 1 + 4 + 0.01 + 0.09) / 10, 14);
  expect(found.frobenius).toBeCloseTo(Math.sqrt(traceOfProduct(G, G)), 12);
  expect(found.alignment).toBeCloseTo(traceOfProduct(Sigma, G) / (2 * found.loss * traceOfProduct(G, G)), 12);
});

test("one linearized step: the mean loss over all examples is what the alignment says", () => {
  const J = gaussian(4, 6);
  const delta = Float64Array.of(0.3, 1, -0.4, 0.2, 0.9, -1);
  const outputs = (theta: Float64Array) =>
    Float64Array.from({ length: 4 }, (_, i) => theta.reduce((s, v, j) => s + v * J.values[6 * i + j], 0));
  const lossAt = (theta: Float64Array) => outputs(theta).reduce((sum, f) => sum + f * f, 0) / 8;
  const residuals = outputs(delta);
  const rate = 0.37;
  let mean = 0;
  for (let i = 0; i < 4; i++)
    mean += lossAt(delta.map((v, j) => v - rate * residuals[i] * J.values[6 * i + j])) / 4;
  const descent = delta.map(
    (v, j) => v - (rate / 4) * residuals.reduce((sum, r, i) => sum + r * J.values[6 * i + j], 0),
  );
  const { noiseAlongCurvature, alignment: mu, frobenius, loss } = alignment(J, residuals);
  expect(mean).toBeCloseTo(lossAt(descent) + (rate ** 2 / 2) * noiseAlongCurvature, 12);
  expect(mean).toBeGreaterThanOrEqual(rate ** 2 * mu * frobenius ** 2 * loss);
  expect(frobeniusBound(4, { alignment: mu, learningRate: rate }) * rate * Math.sqrt(mu)).toBeCloseTo(1, 14);
});

test("the share of noise, against the variance of a batch mean", () => {
  const x = [3, -1, 4, 1, -5];
  const mean = x.reduce((sum, v) => sum + v, 0) / 5;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 5;
  const pairs = x.flatMap((a, i) => x.slice(i + 1).map((b) => (a + b) / 2));
  const measured = pairs.reduce((sum, v) => sum + (v - mean) ** 2, 0) / pairs.length;
  expect(batchNoiseShare(5, { batchSize: 2 }) * variance).toBeCloseTo(measured, 13);
  expect(batchNoiseShare(5, { batchSize: 2, replacement: true })).toBe(1 / 2);
  expect(batchNoiseShare(5, { batchSize: 5 })).toBe(0);
  expect(batchNoiseShare(1)).toBe(0);
});

test("norms left to stable minima; the mean of a rectified coordinate by sampling the sphere", () => {
  const stream = randomStream(5);
  let sum = 0;
  for (let k = 0; k < 40_000; k++) sum += Math.max(0, Math.sqrt(10) * stream.unitSphere(10)[0]) / 40_000;
  const { sgd, gd } = stablePathNorms(10, 0.1);
  expect(sgd).toBeCloseTo(20 / Math.sqrt(10), 13);
  expect(4 / (0.1 * gd)).toBeCloseTo(sum, 2);
  expect(stablePathNorms(1e6, 1).gd).toBeCloseTo(4 * Math.sqrt(2 * Math.PI), 4);
  expect(stablePathNorms(1, 1).gd).toBeCloseTo(8, 12); // the sphere is -1 and 1
  expect(stableSumNorms(50, 0.1)).toEqual({ sgd: 10, gd: 500 });
});

test("errors name what they got", async () => {
  expect(() => alignment(gaussian(2, 2), new Float64Array(2))).toThrow("must be nonzero");
  expect(() => alignment(gaussian(2, 2), Float64Array.of(1, Number.NaN))).toThrow("NaN at index 1");
  expect(() => sharpness({ rows: 2, columns: 2, values: new Float64Array(3) })).toThrow(
    "2 x 2 numbers, got 3",
  );
  expect(() => sharpness({ gram: denseMatrix([1, 2, 3, 4], 2, 2) })).toThrow(
    "J.gram must be symmetric; row 1, column 0 is 3, its mirror 2",
  );
  expect(() => sharpness({ gram: denseMatrix([1, 2], 1, 2) })).toThrow("J.gram must be square, got 1 x 2");
  expect(() => sharpness({ gram: denseMatrix([1, 2, 2, 1], 2, 2) })).toThrow(
    /J\.gram must be positive semidefinite, got an eigenvalue of -0\.33333\d* times/,
  );
  expect(() => frobeniusBound(4, { alignment: 0, learningRate: 1 })).toThrow(
    "alignment must be a positive number",
  );
  const misspelt = { alignment: 1, learningRate: 1, batch: 2 };
  expect(() => frobeniusBound(4, misspelt)).toThrow(/frobeniusBound.*batch/);
  expect(() => stablePathNorms(0, 1)).toThrow("d must be a positive integer, got 0");
  expect(() => stableSumNorms(3, Number.NaN)).toThrow("learningRate must be");
  await expect(gramOfBlocks(2, [denseMatrix([1, 2, 3], 3, 1)])).rejects.toThrow(
    "a block must have 2 rows, got 3",
  );
  await expect(gramOfBlocks(0, [])).rejects.toThrow("rows must be a positive integer");
});
