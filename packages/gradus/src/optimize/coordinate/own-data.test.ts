// What a user does with a file of one's own: read, fit, report; and what is said when the file is bad.
import { expect, test } from "vitest";
import { parseCsv } from "../../data/csv.ts";
import { parseLibsvm } from "../../data/libsvm.ts";
import { randomStream } from "../../random/stream.ts";
import { blockCoordinateDescent } from "./block-coordinate-descent.ts";
import { l1, nonnegativeL1 } from "./problem.ts";
import { blockLeastSquares } from "./problems/least-squares.ts";
import { blockLogistic } from "./problems/logistic.ts";
import { blockSoftmax } from "./problems/softmax.ts";

const stream = randomStream(11);
const m = 120;
const n = 8;
const x = Array.from({ length: m }, () =>
  Array.from({ length: n }, () => Number(stream.normal().toFixed(4))),
);
const target = x.map((row) => 3 * row[1] + 2 * row[4] - row[6] + 0.01 * stream.normal());
const label = x.map((row) => (row[1] - row[2] + 0.5 * stream.normal() > 0 ? 1 : -1));
const kind = x.map((row) => row.indexOf(Math.max(...row.slice(0, 3))));

const libsvm = (y: readonly number[]) =>
  x.map((row, i) => `${y[i]} ${row.map((value, j) => `${j + 1}:${value}`).join(" ")}`).join("\n");
const csv = (y: readonly number[]) =>
  [[...x[0].map((_, j) => `x${j}`), "y"].join(","), ...x.map((row, i) => [...row, y[i]].join(","))].join(
    "\n",
  );

test("nonnegative least squares with an L1 penalty, from a LIBSVM file", async () => {
  const data = parseLibsvm(libsvm(target));
  const problem = nonnegativeL1(blockLeastSquares(data.x, data.y), 5);
  const { x: w, status, kktResidual, activeSet } = await blockCoordinateDescent(problem);
  expect(status).toBe("converged");
  expect(kktResidual).toBeLessThan(1e-5);
  expect([...(activeSet?.support ?? [])]).toEqual(expect.arrayContaining([1, 4]));
  expect(w[1]).toBeGreaterThan(2.5);
  expect(w[6]).toBe(0); // its weight is negative
  expect(activeSet?.nondegeneracy).toBeGreaterThan(0);
});

test("sparse logistic regression, from a LIBSVM file, separates most of the labels", async () => {
  const data = parseLibsvm(libsvm(label));
  const { x: w, activeSet } = await blockCoordinateDescent(l1(blockLogistic(data.x, data.y), 6));
  expect([...(activeSet?.support ?? [])]).toEqual([1, 2]);
  const right = x.filter((row, i) => Math.sign(row[1] * w[1] + row[2] * w[2]) === label[i]).length;
  expect(right / m).toBeGreaterThan(0.8);
});

test("softmax regression, from a CSV file", async () => {
  const table = parseCsv(csv(kind));
  const features = { rows: m, columns: n, values: new Float64Array(m * n) };
  for (let i = 0; i < m; i++)
    features.values.set(table.x.values.subarray(i * (n + 1), i * (n + 1) + n), i * n);
  const y = Int32Array.from({ length: m }, (_, i) => table.x.values[i * (n + 1) + n]);
  const problem = l1(blockSoftmax(features, y, { classes: 3 }), 1);
  const { x: w, status } = await blockCoordinateDescent(problem, { blockSize: 12, stop: { kkt: 1e-8 } });
  expect(status).toBe("converged");
  const scores = (row: readonly number[]) =>
    [0, 1, 2].map((c) => row.reduce((sum, value, f) => sum + value * w[f * 3 + c], 0));
  const right = x.filter((row, i) => scores(row).indexOf(Math.max(...scores(row))) === kind[i]).length;
  expect(right / m).toBeGreaterThan(0.9);
});

test("bad files and labels are refused where they are bad", () => {
  expect(() => parseLibsvm("")).toThrow(/empty|no rows/);
  expect(() => parseLibsvm("1 1:2\n1 1:x")).toThrow("line 2");
  expect(() => parseCsv("a,b\n1,2\n3,nan")).toThrow("line 3, column 2 (b) must be a finite number");
  const { x: A, y } = parseLibsvm("1 1:2\n0 1:3");
  expect(() => blockLogistic(A, y)).toThrow("y must be -1 or 1, got 0 in row 1");
  expect(() => blockSoftmax(A, [0, 2], { classes: 2 })).toThrow(
    "y must be class numbers from 0 to 1, got 2 in row 1 (2 classes)",
  );
  expect(() => nonnegativeL1(blockLeastSquares(A, y), Number.NaN)).toThrow(
    "lambda must be a non-negative number",
  );
});

test("the default tolerance is relative to the data, however small their numbers are", async () => {
  const data = parseLibsvm(libsvm(target));
  const solved = await Promise.all(
    [1, 1e-6].map(async (unit) => {
      const rows = { ...data.x, values: data.x.values.map((value) => unit * value) };
      const y = data.y.map((value) => unit * value);
      const problem = l1(blockLeastSquares(rows, y), 5 * unit * unit);
      const found = await blockCoordinateDescent(problem, { blockSize: 2 });
      const again = await blockCoordinateDescent(problem, { blockSize: 2, x0: found.x });
      return { ...found, again };
    }),
  );
  const [usual, small] = solved;
  expect(small.status).toBe("converged");
  expect([...(small.activeSet?.support ?? [])]).toEqual([...(usual.activeSet?.support ?? [])]);
  for (const [j, wj] of usual.x.entries()) expect(small.x[j]).toBeCloseTo(wj, 5);
  // a start at the optimum, where the gradient says nothing of the data, is a result at once
  expect(small.again).toMatchObject({ status: "converged", iterations: 0 });
});
