import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import type { Matrix } from "../matrix.ts";
import { sharedHeap } from "../memory.ts";
import {
  entryOf,
  matrixOf,
  RATIO,
  randomMatrix,
  SIZES,
  uniform,
  usedBytes,
  vector,
  withBothBuilds,
  worst,
} from "../testing.ts";
import { designRows } from "./design-rows.ts";
import { logisticWeights } from "./logistic.ts";

/** Every pass over a matrix beside its definition. */
function check(x: Matrix, seed: number): void {
  const { rows: n, columns: d } = x;
  const design = designRows(x);
  const [v, w, weights] = [vector(d, seed), vector(n, seed + 1), vector(n, seed + 2)];
  const image = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += entryOf(x, i, j) * v[j];
    return sum;
  });
  const overRows = (factor: (i: number) => number) => (j: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += factor(i) * entryOf(x, i, j);
    return sum;
  };
  const [overN, overD] = [new Float64Array(n), new Float64Array(d)];
  design.product(v, overN);
  expect(worst(overN, (i) => image[i], d)).toBeLessThan(RATIO);
  design.adjoint(w, overD);
  expect(
    worst(
      overD,
      overRows((i) => w[i]),
      n,
    ),
  ).toBeLessThan(RATIO);
  design.weightedProduct(weights, v, overD);
  expect(
    worst(
      overD,
      overRows((i) => weights[i] * image[i]),
      n * (d + 1),
    ),
  ).toBeLessThan(RATIO);
  const gram = design.weightedGram(weights);
  const entry = (k: number) => overRows((i) => weights[i] * entryOf(x, i, Math.floor(k / d)))(k % d);
  expect(worst(gram, entry, n)).toBeLessThan(RATIO);
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) expect(gram[i * d + j]).toBe(gram[j * d + i]);
  expect(worst(design.weightedSquares(weights), (j) => entry(j * d + j), n)).toBeLessThan(RATIO);
  design.release();
}

const size = fc.integer({ min: 0, max: 40 });

test("every pass is its definition for every size and gap, in both builds", () => {
  withBothBuilds(() =>
    fc.assert(
      fc.property(size, size, fc.constantFrom(0, 3), fc.integer(), (n, d, gap, seed) =>
        check(randomMatrix(n, d, seed, gap), seed),
      ),
      { numRuns: 60 },
    ),
  );
});

test.each(SIZES)("the same around block sizes: %i", (count) => {
  check(randomMatrix(count, 5, count), count);
  check(randomMatrix(3, count, count), count);
});

test("weighted products of long rows are their definition for every number of rows", () => {
  withBothBuilds(() => {
    for (const d of [191, 192, 193, 194, 195, 400])
      for (let n = 0; n <= 17; n++) {
        const x = randomMatrix(n, d, n + d, n % 2);
        const [v, weights, out] = [vector(d, 1), vector(n, 2), new Float64Array(d)];
        const factors = weights.map((weight, i) => {
          let sum = 0;
          for (let j = 0; j < d; j++) sum += entryOf(x, i, j) * v[j];
          return weight * sum;
        });
        designRows(x).weightedProduct(weights, v, out);
        const entry = (j: number) => factors.reduce((sum, factor, i) => sum + factor * entryOf(x, i, j), 0);
        expect(worst(out, entry, n * (d + 1))).toBeLessThan(RATIO);
      }
  });
});

test("NaN and infinity go where the sums have them", () => {
  const x = matrixOf(6, 5, (i, j) => (i === 2 && j === 3 ? Number.NaN : 1));
  const design = designRows(x);
  const out = new Float64Array(6);
  design.product(new Float64Array(5).fill(1), out);
  expect([...out]).toEqual([5, 5, Number.NaN, 5, 5, 5]);
  const gram = design.weightedGram(Float64Array.of(1, 1, 1, Number.POSITIVE_INFINITY, 1, 1));
  for (let i = 0; i < 5; i++)
    for (let j = 0; j < 5; j++)
      expect(gram[i * 5 + j]).toBe(i === 3 || j === 3 ? Number.NaN : Number.POSITIVE_INFINITY);
});

test("a copy tells whether its numbers are finite, and looks at no number between its rows", () => {
  withBothBuilds(() => {
    for (const gap of [0, 3]) {
      expect(designRows(randomMatrix(90, 91, 1, gap)).isFinite).toBe(true);
      for (const [i, j] of [
        [0, 0],
        [45, 1],
        [89, 90],
      ]) {
        const bad = randomMatrix(90, 91, 1, gap);
        bad.values[i * (91 + gap) + j] = Number.NEGATIVE_INFINITY;
        expect(designRows(bad).isFinite).toBe(false);
      }
      // the last of an odd number of entries
      const odd = randomMatrix(3, 3, 1, gap);
      odd.values[2 * (3 + gap) + 2] = Number.NaN;
      expect(designRows(odd).isFinite).toBe(false);
    }
  });
});

test("numbers behind the last row are neither looked at nor copied", () => {
  const used = new Float64Array(3 * 2).fill(1);
  const values = Float64Array.of(...used, ...new Array(10_000).fill(Number.NaN));
  withBothBuilds(() => {
    const [design, next] = [
      { rows: 3, columns: 2, leadingDimension: 2, values },
      randomMatrix(40, 40, 2),
    ].map(designRows);
    const before = next.weightedSquares(new Float64Array(40).fill(1));
    expect(design.isFinite).toBe(true);
    expect(next.weightedSquares(new Float64Array(40).fill(1))).toEqual(before);
    const found = new Float64Array(3);
    design.product(Float64Array.of(2, 3), found);
    expect(found).toEqual(Float64Array.of(5, 5, 5));
    for (const one of [design, next]) one.release();
  });
});

test("a pass of the perceptron makes the updates of its rule", () => {
  // multiples of 1/8: every sum is exact, so that ties are
  const next = uniform(7);
  const eighth = () => Math.round(8 * next()) / 8;
  for (const [n, d] of [
    [1, 1],
    [30, 3],
    [50, 17],
    [200, 8],
  ]) {
    const x = matrixOf(n, d, eighth);
    const labels = Float64Array.from({ length: n }, () => (next() < 0 ? -1 : 1));
    const theta = new Float64Array(d);
    let updates = 0;
    for (let i = 0; i < n; i++) {
      const row = x.values.subarray(i * d, (i + 1) * d);
      if (labels[i] * row.reduce((sum, value, j) => sum + value * theta[j], 0) > 0) continue;
      updates += 1;
      for (let j = 0; j < d; j++) theta[j] += 0.5 * labels[i] * row[j];
    }
    withBothBuilds(() => {
      const found = new Float64Array(d);
      expect(designRows(x).perceptronPass(labels, 0.5, found)).toBe(updates);
      expect(found).toEqual(theta);
    });
  }
});

test("a pass that measures changes theta as one that does not, and its figures are those of the margins before", () => {
  for (const n of [0, 1, 2, 3, 4, 7, 130, 257, 600])
    for (const d of [1, 3, 8, 21]) {
      const x = matrixOf(n, d, uniform(n + d));
      const design = designRows(x);
      const labels = vector(n, 1).map((value) => (value < 0 ? -1 : 1));
      const theta = vector(d, 2);
      withBothBuilds(() => {
        const margins = new Float64Array(n);
        design.product(theta, margins);
        for (let i = 0; i < n; i++) margins[i] *= labels[i];
        const { lossSum, least, positive } = logisticWeights(margins, new Float64Array(n));
        const [plain, next] = [theta.slice(), new Float64Array(d)];
        const figures = design.measuredPerceptronPass(labels, 0.7, theta, next);
        expect(figures.updates).toBe(design.perceptronPass(labels, 0.7, plain));
        expect(next).toEqual(plain);
        expect(figures).toMatchObject({ lossSum, least, positive });
      });
    }
});

test("copies are dropped when they take too much memory, and made again", () => {
  const values = new Float64Array(8e6).fill(0.5);
  const designs = Array.from({ length: 10 }, () => designRows({ rows: 1000, columns: 8000, values }));
  const [ones, out] = [new Float64Array(8000).fill(1), new Float64Array(1000)];
  for (const design of [...designs, ...designs]) {
    design.product(ones, out.fill(0));
    expect(out[999]).toBe(4000);
    expect(usedBytes(sharedHeap())).toBeLessThan(2 ** 28 + 1e6);
  }
  for (const design of designs) design.release();
});

test("arguments that do not fit are refused by name", () => {
  const design = designRows(randomMatrix(3, 2, 1));
  expect(() => design.product(new Float64Array(3), new Float64Array(3))).toThrow(BlasArgumentError);
  expect(() => design.adjoint(new Float64Array(3), new Float64Array(3))).toThrow("out must have 2 numbers");
  expect(() => design.weightedGram(new Float64Array(2))).toThrow("weights must have 3 numbers, got 2");
  expect(() => design.weightedVectors({ weights: new Float64Array(2) })).toThrow(
    "weights must have 3 numbers, got 2",
  );
  expect(() => designRows({ rows: 2, columns: 2, values: new Float64Array(3) })).toThrow("matrix.values");
});
