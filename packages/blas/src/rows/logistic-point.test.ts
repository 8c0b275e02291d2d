import { expect, test } from "vitest";
import { sharedHeap } from "../memory.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { sparseRows } from "../sparse/sparse-rows.ts";
import { fitsTiles } from "../sparse/sparse-tiles.ts";
import { randomSparse } from "../sparse/test-support.ts";
import { RATIO, randomMatrix, usedBytes, vector, withBothBuilds, worst } from "../testing.ts";
import { designRows } from "./design-rows.ts";
import { rows as family } from "./family.ts";
import { logisticCurvatures, logisticRows } from "./logistic.ts";
import { type LogisticPoint, logisticPoint } from "./logistic-point.ts";

/** Bytes of copies that are kept at once. */
const LIMIT = 2 ** 28;

const labelsOf = (n: number) => vector(n, 1).map((value) => (value < 0 ? -1 : 1));

function pointOf(design: Parameters<typeof logisticPoint>[0], labels: Float64Array): LogisticPoint {
  const point = logisticPoint(design, labels);
  if (!point) throw new Error("a design in tiles");
  return point;
}

/** What is asked of a point, by the passes of the design. */
function byPasses(design: Parameters<typeof logisticPoint>[0], labels: Float64Array, x: Float64Array) {
  const [n, d] = [labels.length, x.length];
  const rows = () => new Float64Array(n);
  const [outputs, losses, slopes, curvatures, gradient] = [
    rows(),
    rows(),
    rows(),
    rows(),
    new Float64Array(d),
  ];
  design.product(x, outputs);
  logisticRows({ outputs, labels, losses, slopes });
  logisticCurvatures(outputs, curvatures);
  design.adjoint(slopes, gradient);
  return { outputs, losses, curvatures, gradient };
}

test("a point has the bits of the design's passes, whatever was asked before, in both builds", () => {
  withBothBuilds(() => {
    for (const d of [1, 3, 20, 191, 192, 195])
      for (const n of [1, 3, 4, 5, 8, 9, 14, 255, 257, 519]) {
        const designs = [
          designRows(randomMatrix(n, d, n + d, n % 2)),
          sparseRows(randomSparse(n, d, 0.3, n).matrix),
        ];
        const labels = labelsOf(n);
        for (const design of designs) {
          const point = pointOf(design, labels);
          const [x, v, found] = [vector(d, 2), vector(d, 4), new Float64Array(d)];
          const wanted = byPasses(design, labels, x);
          const lossSum = point.lossSumAndGradient(x, found);
          expect(found).toEqual(wanted.gradient);
          expect(
            worst(Float64Array.of(lossSum), () => wanted.losses.reduce((sum, one) => sum + one, 0), n),
          ).toBeLessThan(RATIO);
          // elsewhere, and back
          point.lossSum(vector(d, 3));
          expect(point.curvatures(x)).toEqual(wanted.curvatures);
          expect(point.outputs(x)).toEqual(wanted.outputs);
          expect(point.lossSum(x)).toBe(lossSum);
          point.gradient(x, found.fill(7));
          expect(found).toEqual(wanted.gradient);
          expect(point.curvatureSum(x)).toBe(wanted.curvatures.reduce((sum, one) => sum + one, 0));
          const product = new Float64Array(d);
          design.weightedProduct(wanted.curvatures, v, product);
          point.curvatureProduct(x, v, found);
          expect(found).toEqual(product);
          design.release();
          point.release();
        }
      }
  });
});

test("what is known at a point is not taken for another point", () => {
  withBothBuilds(() => {
    const [n, d] = [21, 4];
    const labels = labelsOf(n);
    const points = [2, 3, 4].map((seed) => vector(d, seed));
    for (const design of [designRows(randomMatrix(n, d, 3)), sparseRows(randomSparse(n, d, 0.5, 3).matrix)]) {
      const point = pointOf(design, labels);
      const found = new Float64Array(d);
      for (const x of [...points, ...points]) {
        const wanted = byPasses(design, labels, x);
        const sum = wanted.losses.reduce((total, one) => total + one, 0);
        expect(point.lossSum(x)).toBeCloseTo(sum, 12);
        expect(point.curvatures(x)).toEqual(wanted.curvatures);
        point.gradient(x, found);
        expect(found).toEqual(wanted.gradient);
      }
      // by one reading, with curvatures of the point before
      for (const x of points) {
        const wanted = byPasses(design, labels, x);
        point.lossSumAndGradient(x, found);
        expect(found).toEqual(wanted.gradient);
        expect(point.curvatures(x)).toEqual(wanted.curvatures);
      }
      point.release();
      design.release();
    }
  });
});

test("vectors of conjugate gradients keep the curvatures of their point", () => {
  withBothBuilds(() => {
    // a last row that fills a vector by itself, and one that does not
    for (const n of [30, 31]) {
      const d = 6;
      const design = designRows(randomMatrix(n, d, 3));
      const labels = labelsOf(n);
      const point = pointOf(design, labels);
      const x = vector(d, 2);
      const start = { x: vector(d, 4), residual: vector(d, 5), direction: vector(d, 6) };
      const vectors = point.curvatureVectors(x, 0.25, { shift: 2 });
      vectors.load(start);
      point.curvatureSum(vector(d, 3));
      const weights = byPasses(design, labels, x).curvatures.map((one) => 0.25 * one);
      const wanted = design.weightedVectors({ weights, shift: 2 });
      wanted.load(start);
      expect(vectors.turn(0.5)).toEqual(wanted.turn(0.5));
      vectors.release();
      wanted.release();
    }
  });
});

test("a point that is released gives its memory back, and can be asked again", () => {
  const design = designRows(randomMatrix(40, 5, 3));
  design.isFinite;
  const used = usedBytes(sharedHeap());
  const point = pointOf(design, labelsOf(40));
  const lossSum = point.lossSum(vector(5, 2));
  expect(usedBytes(sharedHeap())).toBeGreaterThan(used);
  point.release();
  expect(usedBytes(sharedHeap())).toBe(used);
  expect(point.lossSum(vector(5, 2))).toBe(lossSum);
  point.release();
});

test("what is dropped for other copies is computed again", () => {
  const [n, d] = [40, 5];
  const design = designRows(randomMatrix(n, d, 3));
  const point = pointOf(design, labelsOf(n));
  const x = vector(d, 2);
  const [before, after] = [new Float64Array(d), new Float64Array(d)];
  const [lossSum, curvatureSum] = [point.lossSumAndGradient(x, before), point.curvatureSum(x)];
  const used = usedBytes(sharedHeap());
  const others = [1, 2].map(() => new ResidentCopy(LIMIT, "another design", () => {}));
  for (const other of others) other.load();
  for (const other of others) other.release();
  expect(usedBytes(sharedHeap())).toBeLessThan(used);
  expect(point.curvatureSum(x)).toBe(curvatureSum);
  expect(point.lossSum(x)).toBe(lossSum);
  point.gradient(x, after);
  expect(after).toEqual(before);
});

test("of two copies that are too large together, using one does not drop the other", () => {
  let copied = 0;
  const copies = [1, 2].map(() => new ResidentCopy(LIMIT, "a design", () => copied++));
  for (const copy of [...copies, ...copies]) copy.load();
  for (const copy of copies) copy.release();
  expect(copied).toBe(2);
});

test("compensated sums keep what their additions round off, and stay infinite", () => {
  const sumOf = (numbers: number[]) => {
    const { numbers: heap } = sharedHeap();
    const address = sharedHeap().allocate(8 * numbers.length, "numbers");
    heap.set(numbers, address / 8);
    const sum = family().compensatedSum(numbers.length, address);
    sharedHeap().free(address);
    return sum;
  };
  withBothBuilds(() => {
    expect(sumOf([1, 1e100, 1, -1e100])).toBe(2);
    expect(sumOf([1, ...new Array(1000).fill(2 ** -54)])).toBe(1 + 1000 * 2 ** -54);
    expect(sumOf([Number.POSITIVE_INFINITY, 1])).toBe(Number.POSITIVE_INFINITY);
    expect(sumOf([Number.NaN, 1])).toBeNaN();
    expect(sumOf([])).toBe(0);
  });
});

test("a sparse design in tiles, which has its products alone, has no point", () => {
  const [rows, columns] = [20_000, 70_000];
  const rowPointers = Int32Array.from({ length: rows + 1 }, (_, i) => 5 * i);
  const columnIndices = Int32Array.from(
    { length: 5 * rows },
    (_, k) => 14_000 * (k % 5) + ((k * 7919) % 14_000),
  );
  const matrix = { rows, columns, rowPointers, columnIndices, values: vector(5 * rows, 1) };
  expect(fitsTiles(matrix)).toBe(true);
  expect(logisticPoint(sparseRows(matrix), labelsOf(rows))).toBeUndefined();
});

test("vectors of another length are refused by name", () => {
  const design = designRows(randomMatrix(3, 2, 1));
  const [two, three] = [new Float64Array(2), new Float64Array(3)];
  expect(() => logisticPoint(design, two)).toThrow("labels must have 3 numbers, got 2");
  const point = pointOf(design, labelsOf(3));
  expect(() => point.lossSum(three)).toThrow("x must have 2 numbers, got 3");
  expect(() => point.gradient(two, three)).toThrow("out must have 2 numbers, got 3");
  expect(() => point.lossSumAndGradient(two, three)).toThrow("out must have 2 numbers, got 3");
  expect(() => point.curvatureProduct(two, three, two)).toThrow("v must have 2 numbers, got 3");
  expect(() => point.curvatureProduct(two, two, three)).toThrow("out must have 2 numbers, got 3");
});
