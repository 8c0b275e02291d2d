import { expect, test } from "vitest";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { csrFromDense } from "../../linalg/sparse/build.ts";
import { randomStream } from "../../random/stream.ts";
import { checkSamples } from "./check-samples.ts";
import { rowKeys } from "./opposite-samples.ts";

/** All pairs, one by one. */
function firstContradiction({ rows, columns, values }: DenseMatrix, y: Float64Array): string | undefined {
  for (let i = 0; i < rows; i++)
    for (let before = 0; before < i; before++) {
      const isOpposite = (j: number) =>
        y[i] * values[i * columns + j] === -y[before] * values[before * columns + j];
      if (Array.from({ length: columns }, (_, j) => j).every(isOpposite))
        return `contradictory samples ${before} and ${i}`;
    }
  return undefined;
}

const found = (A: Parameters<typeof checkSamples>[0]["A"], y: Float64Array) => {
  try {
    checkSamples({ A, y });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

// Sums of the entries of a row overflow, are 0, or round all but one entry away.
for (const [name, sizes] of [
  ["ordinary entries", [1, 1, 1, 1]],
  ["the largest numbers", [1e308, 1e308, 1e308, 1e308]],
  ["the smallest numbers", [5e-324, 5e-324, 5e-324, 5e-324]],
  ["columns of other sizes", [1e20, 1, 1e-20, 1e-300]],
] as const)
  test(`samples of a class each contradict others as all pairs say: ${name}`, () => {
    let contradictions = 0;
    for (let seed = 0; seed < 60; seed++) {
      const stream = randomStream(seed);
      const rows = 2 + Math.floor(14 * stream.uniform());
      const values = Float64Array.from({ length: 4 * rows }, (_, k) =>
        k % 4 === 0 ? sizes[0] : (Math.floor(3 * stream.uniform()) - 1) * sizes[k % 4],
      );
      const y = Float64Array.from({ length: rows }, () => (stream.uniform() < 0.5 ? 1 : -1));
      for (let i = 0; i < rows; i++)
        if (stream.uniform() < 0.3) for (let j = 0; j < 4; j++) values[4 * i + j] *= -1;
      const A = { rows, columns: 4, values };
      const wanted = firstContradiction(A, y);
      contradictions += Number(wanted !== undefined);
      expect(found(A, y)).toBe(wanted);
      expect(found(csrFromDense(A), y)).toBe(wanted);
    }
    expect(contradictions).toBeGreaterThan(10);
    expect(contradictions).toBeLessThan(60);
  });

test("many rows whose sums are equal are told apart", () => {
  const rows = 20_000;
  const values = Float64Array.from({ length: 2 * rows }, (_, k) => (k % 2 === 0 ? 1e30 : (k + 1) / 2));
  const A = { rows, columns: 2, values };
  const y = new Float64Array(rows).fill(1);
  expect(found(A, y)).toBeUndefined();
  const last = [-values[2 * 777], -values[2 * 777 + 1]];
  values.set(last, 2 * (rows - 1));
  expect(found(A, y)).toBe(`contradictory samples 777 and ${rows - 1}`);
});

test("contradictory samples are found whichever of their zeros are stored", () => {
  const A = {
    rows: 3,
    columns: 3,
    rowPointers: Int32Array.of(0, 2, 3, 5),
    columnIndices: Int32Array.of(0, 2, 1, 1, 2),
    values: Float64Array.of(0, 4, 3, -0, 4),
  };
  expect(found(A, Float64Array.of(1, 1, 1))).toBeUndefined();
  expect(found(A, Float64Array.of(1, 1, -1))).toBe("contradictory samples 0 and 2");
});

test("all rows of two ones have keys of their own", () => {
  const columns = 800;
  const rows = (columns * (columns - 1)) / 2;
  const columnIndices = new Int32Array(2 * rows);
  let row = 0;
  for (let j = 0; j < columns; j++)
    for (let k = j + 1; k < columns; k++) {
      columnIndices.set([j, k], 2 * row);
      row += 1;
    }
  const rowPointers = Int32Array.from({ length: rows + 1 }, (_, i) => 2 * i);
  const values = new Float64Array(2 * rows).fill(1);
  expect(new Set(rowKeys({ rows, columns, rowPointers, columnIndices, values }).keys).size).toBe(rows);
});
