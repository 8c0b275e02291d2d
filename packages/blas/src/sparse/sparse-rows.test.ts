import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { sharedHeap, withFrame } from "../memory.ts";
import { RATIO, uniform, usedBytes, vector, withBothBuilds, worst } from "../testing.ts";
import type { CompressedRows } from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";
import { sparseColumns } from "./sparse-columns.ts";
import { sparseRows } from "./sparse-rows.ts";
import { randomSparse } from "./test-support.ts";

/** Every pass beside its definition. */
function check(m: number, n: number, share: number, seed: number): void {
  const { matrix, entry } = randomSparse(m, n, share, seed);
  const A = sparseRows(matrix);
  const [x, v, weights] = [vector(n, seed + 2), vector(m, seed + 3), vector(m, seed + 4)];
  const overColumns = (i: number) => x.reduce((sum, xj, j) => sum + entry(i, j) * xj, 0);
  const overRows = (j: number, factor: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += factor(i) * entry(i, j);
    return sum;
  };
  // results are overwritten, whatever they were
  const [overM, overN] = [new Float64Array(m).fill(Number.NaN), new Float64Array(n).fill(Number.NaN)];
  A.product(x, overM);
  expect(worst(overM, overColumns, n)).toBeLessThan(RATIO);
  A.adjoint(v, overN);
  expect(worst(overN, (j) => overRows(j, (i) => v[i]), m)).toBeLessThan(RATIO);
  A.weightedProduct(weights, x, overN);
  expect(worst(overN, (j) => overRows(j, (i) => weights[i] * overColumns(i)), m * (n + 1))).toBeLessThan(
    RATIO,
  );
  const gramEntry = (j: number, k: number) => overRows(k, (i) => weights[i] * entry(i, j));
  const gram = A.weightedGram(weights);
  expect(worst(gram, (k) => gramEntry(Math.floor(k / n), k % n), m)).toBeLessThan(RATIO);
  for (let j = 0; j < n; j++) for (let k = 0; k < j; k++) expect(gram[j * n + k]).toBe(gram[k * n + j]);
  expect(worst(A.weightedSquares(weights), (j) => gramEntry(j, j), m)).toBeLessThan(RATIO);
  A.release();
}

test("every pass is its definition for every size and share of entries, in both builds", () => {
  const size = fc.integer({ min: 0, max: 25 });
  withBothBuilds(() =>
    fc.assert(fc.property(size, size, fc.constantFrom(0, 0.1, 0.5, 1), fc.integer(), check), { numRuns: 80 }),
  );
});

test.each([63, 64, 65, 127, 128, 129, 200])("the same for %i columns and rows", (count) => {
  check(3, count, 0.7, count);
  check(count, 4, 0.5, count);
});

test("a pass of the perceptron makes the updates of its rule", () => {
  // multiples of 1/8: every sum is exact, so that ties are
  const next = uniform(9);
  const eighth = () => Math.round(8 * next()) / 8;
  const [m, n] = [120, 15];
  const { matrix, entry } = randomSparse(m, n, 0.6, 4, eighth);
  const labels = Float64Array.from({ length: m }, () => (next() < 0 ? -1 : 1));
  const theta = new Float64Array(n);
  let updates = 0;
  for (let i = 0; i < m; i++) {
    if (labels[i] * theta.reduce((sum, t, j) => sum + t * entry(i, j), 0) > 0) continue;
    updates += 1;
    for (let j = 0; j < n; j++) theta[j] += 0.5 * labels[i] * entry(i, j);
  }
  withBothBuilds(() => {
    const found = new Float64Array(n);
    expect(sparseRows(matrix).perceptronPass(labels, 0.5, found)).toBe(updates);
    expect(found).toEqual(theta);
  });
});

test("a pass that measures changes theta as one that does not, and its figures are those of the margins before", () => {
  for (const m of [0, 1, 2, 3, 130, 257]) {
    const { matrix, entry } = randomSparse(m, 40, 0.3, m);
    const A = sparseRows(matrix);
    const labels = vector(m, 1).map((value) => (value < 0 ? -1 : 1));
    const theta = vector(40, 2);
    const margins = labels.map((y, i) => y * theta.reduce((sum, t, j) => sum + t * entry(i, j), 0));
    withBothBuilds(() => {
      const [plain, next] = [theta.slice(), new Float64Array(40)];
      const figures = A.measuredPerceptronPass(labels, 0.7, theta, next);
      expect(figures.updates).toBe(A.perceptronPass(labels, 0.7, plain));
      expect(next).toEqual(plain);
      expect(figures.positive).toBe(margins.filter((margin) => margin > 0).length);
      expect(figures.least).toBeCloseTo(Math.min(...margins), 12);
      expect(figures.lossSum).toBeCloseTo(
        margins.reduce((sum, margin) => sum + Math.log1p(Math.exp(-margin)), 0),
        10,
      );
    });
  }
});

test("NaN and infinity reach the rows and columns that have them", () => {
  const { matrix } = randomSparse(5, 5, 1, 1);
  matrix.values[5 * 1 + 3] = Number.NaN;
  const out = new Float64Array(5);
  sparseRows(matrix).product(new Float64Array(5).fill(1), out);
  expect([...out.keys()].filter((i) => Number.isNaN(out[i]))).toEqual([1]);
  sparseRows(matrix).adjoint(Float64Array.of(0, 1, 0, 0, 0), out);
  expect([...out.keys()].filter((j) => Number.isNaN(out[j]))).toEqual([3]);
});

test("arrays that do not fit are refused by name, and nothing outside of the matrix is read or written", () => {
  const { matrix } = randomSparse(4, 3, 1, 1);
  const bad = (changes: Partial<CompressedRows>) => () =>
    sparseRows({ ...matrix, ...changes }).product(new Float64Array(3), new Float64Array(4));
  expect(bad({ rowPointers: Int32Array.of(0, 3) })).toThrow("matrix.rowPointers must have 5 numbers, got 2");
  expect(bad({ values: new Float64Array(2) })).toThrow("matrix.values must have 12 numbers, got 2");
  for (const name of ["rowPointers", "columnIndices"])
    expect(() => Reflect.apply(sparseRows, undefined, [{ ...matrix, [name]: [0] }])).toThrow(
      `matrix.${name} must be an Int32Array, got Array`,
    );
  const used = usedBytes(sharedHeap());
  for (const wrong of [-1, 3, 2 ** 31 - 1])
    expect(bad({ columnIndices: matrix.columnIndices.map((j, k) => (k === 7 ? wrong : j)) })).toThrow(
      BlasArgumentError,
    );
  for (const pointers of [
    [0, 9, 6, 9, 12],
    [0, 3, 6, 9, 13],
    [1, 3, 6, 9, 12],
    [0, -3, 6, 9, 12],
  ])
    expect(bad({ rowPointers: Int32Array.from(pointers) })).toThrow(
      "nondecreasing row pointers from 0 to 12",
    );
  expect(usedBytes(sharedHeap())).toBe(used);
  expect(() => sparseRows(matrix).adjoint(new Float64Array(3), new Float64Array(3))).toThrow("v must have 4");
});

test("a copy takes indices that ascend within rows, whatever they are, and no others", () => {
  const number = fc.oneof(
    fc.integer({ min: -2, max: 5 }),
    fc.constantFrom(-(2 ** 31), 1 - 2 ** 31, 2 ** 31 - 1),
  );
  const rows = fc.array(fc.array(number, { maxLength: 4 }), { maxLength: 6 });
  const order = (row: number[]) => row.toSorted((a, b) => a - b);
  const columns = fc.constantFrom(0, 4, 2 ** 31 - 2);
  const takes = (given: number[][], n: number): void => {
    const indices = given.flat();
    const ends = given.map((_, i) => given.slice(0, i + 1).flat().length);
    const copy = sparseRows({
      rows: given.length,
      columns: n,
      rowPointers: Int32Array.of(0, ...ends),
      columnIndices: Int32Array.from(indices),
      values: new Float64Array(indices.length),
    });
    const good = given.every((row) => row.every((j, k) => j >= 0 && j < n && (k === 0 || j > row[k - 1])));
    if (good) copy.load();
    else expect(() => copy.load()).toThrow("ascending within a row");
    copy.release();
  };
  withBothBuilds(() => {
    fc.assert(fc.property(rows, columns, takes), { numRuns: 200 });
    fc.assert(
      fc.property(rows, columns, (given, n) => takes(given.map(order), n)),
      { numRuns: 200 },
    );
  });
});

test("in every part of a long copy a repeated, descending or foreign column is refused, and the first of a row is not", () => {
  const [rows, columns, perRow] = [3000, 40, 4];
  const good = {
    rows,
    columns,
    rowPointers: Int32Array.from({ length: rows + 1 }, (_, i) => perRow * i),
    columnIndices: Int32Array.from({ length: rows * perRow }, (_, k) => 9 * (k % perRow) + (k % 7)),
    values: vector(rows * perRow, 1),
  };
  withBothBuilds(() => {
    expect(() => sparseRows(good).load()).not.toThrow();
    for (const row of [0, 1, 1023, 1024, 1025, 2047, 2048, rows - 1])
      for (const [at, column] of [
        [0, columns],
        [0, -1],
        [1, good.columnIndices[perRow * row]],
        [perRow - 1, 0],
      ]) {
        const columnIndices = good.columnIndices.with(perRow * row + at, column);
        expect(() => sparseRows({ ...good, columnIndices }).load()).toThrow("ascending within a row");
      }
  });
});

test("a row longer than the part of a copy that is looked at is looked at whole", () => {
  const columns = 10_000;
  const columnIndices = Int32Array.from({ length: columns }, (_, j) => j);
  const row = { rows: 1, columns, rowPointers: Int32Array.of(0, columns), columnIndices };
  const values = vector(columns, 1);
  withBothBuilds(() => {
    const found = new Float64Array(1);
    sparseRows({ ...row, values }).product(new Float64Array(columns).fill(1), found);
    expect(worst(found, () => values.reduce((sum, value) => sum + value, 0), columns)).toBeLessThan(RATIO);
    for (const k of [1, 4096, 9999])
      expect(() => sparseRows({ ...row, columnIndices: columnIndices.with(k, 0), values }).load()).toThrow(
        "ascending within a row",
      );
  });
});

test("a copy tells whether its numbers are finite, wherever one is not, by rows, by columns and in tiles", () => {
  const [rows, columns] = [2000, 70_000];
  const rowPointers = Int32Array.from({ length: rows + 1 }, (_, i) => 5 * i);
  const columnIndices = Int32Array.from(
    { length: 5 * rows },
    (_, k) => 14_000 * (k % 5) + ((k * 7919) % 14_000),
  );
  const values = vector(5 * rows, 1);
  const copies = [sparseRows, sparseColumns];
  withBothBuilds(() => {
    for (const copyOf of copies) {
      const given = { rows, columns, rowPointers, columnIndices };
      expect(copyOf({ ...given, values }).isFinite).toBe(true);
      const odd = {
        rows: 1,
        columns: 3,
        rowPointers: Int32Array.of(0, 3),
        columnIndices: Int32Array.of(0, 1, 2),
      };
      expect(copyOf({ ...odd, values: Float64Array.of(1, 2, Number.NaN) }).isFinite).toBe(false);
      for (const k of [0, 1, 4095, 4096, 8193, 5 * rows - 1])
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
          expect(copyOf({ ...given, values: values.with(k, bad) }).isFinite).toBe(false);
      expect(copyOf({ ...given, values: values.map(() => Number.MAX_VALUE) }).isFinite).toBe(true);
    }
  });
});

test("rows are ordered by their number of entries in every block of 256, with room for the fullest", () => {
  const next = uniform(3);
  // the fullest block is in the middle, and the last one has few rows
  const lengths = Int32Array.from({ length: 700 }, (_, i) =>
    Math.floor((i >= 256 && i < 512 ? 20 : 10) * (next() + 1)),
  );
  const pointers = Int32Array.of(0, ...lengths);
  for (let i = 0; i < 700; i++) pointers[i + 1] += pointers[i];
  const fullest = Math.max(
    ...[0, 256, 512].map((from) =>
      lengths.subarray(from, from + 256).reduce((sum, length) => sum + length, 0),
    ),
  );
  withBothBuilds(() =>
    withFrame("rows", (frame) => {
      const [from, order, work] = [frame.bytes(4 * 701), frame.bytes(4 * 700), frame.bytes(256)];
      new Int32Array(frame.heap.memory.buffer, from, 701).set(pointers);
      expect(family().orderRows(700, from, order, work)).toBe(fullest);
      const found = [...new Int32Array(frame.heap.memory.buffer, order, 700)];
      const wanted = [0, 256, 512].flatMap((first) =>
        Array.from({ length: Math.min(256, 700 - first) }, (_, i) => first + i).sort(
          (a, b) => lengths[a] - lengths[b],
        ),
      );
      expect(found).toEqual(wanted);
    }),
  );
});

test("weighted products of many short rows have the bits of those of one row at a time, whatever their lengths", () => {
  const [rows, columns] = [20_000, 300];
  const next = uniform(5);
  // from no entry to 17, and a few rows that are much longer
  const lengths = Int32Array.from({ length: rows }, (_, i) =>
    i % 4999 === 7 ? 200 : Math.floor(9 * (next() + 1)),
  );
  const rowPointers = Int32Array.of(0, ...lengths);
  for (let i = 0; i < rows; i++) rowPointers[i + 1] += rowPointers[i];
  const columnIndices = new Int32Array(rowPointers[rows]);
  lengths.forEach((length, i) => {
    for (let k = 0; k < length; k++)
      columnIndices[rowPointers[i] + k] =
        Math.floor((k * columns) / length) + Math.floor(((next() + 1) / 2) * Math.floor(columns / length));
  });
  const values = vector(columnIndices.length, 1);
  const [weights, v] = [vector(rows, 2), vector(columns, 3)];
  weights[11] = 0;
  const wanted = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const sums = [0, 0, 0, 0];
    const [begin, end] = [rowPointers[i], rowPointers[i + 1]];
    // four sums, of which the first has what is left over
    const whole = begin + 4 * Math.floor((end - begin) / 4);
    for (let k = begin; k < end; k++)
      sums[k < whole ? (k - begin) % 4 : 0] += values[k] * v[columnIndices[k]];
    const factor = weights[i] * (sums[0] + sums[1] + (sums[2] + sums[3]));
    for (let k = begin; k < end; k++) wanted[columnIndices[k]] += factor * values[k];
  }
  withBothBuilds(() => {
    const design = sparseRows({ rows, columns, rowPointers, columnIndices, values });
    const found = new Float64Array(columns).fill(Number.NaN);
    design.weightedProduct(weights, v, found);
    expect(found).toEqual(wanted);
    design.release();
    design.weightedProduct(weights, v, found);
    expect(found).toEqual(wanted);
    design.release();
  });
});
