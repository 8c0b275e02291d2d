import { constant } from "../../tensor.ts";
import * as ops from "../index.ts";
import { at, build, type Example, matrix, type Nd, ofRows, rowByRow, total } from "./reference.ts";

const rows = { axes: 1 };
const discrete = { differentiable: false } as const;
const truth = (x: boolean) => (x ? 1 : 0);
const logSumExp = (row: readonly number[]) => Math.log(total(row.map(Math.exp)));
const scalarOf = (value: number): Nd => ({ shape: [], data: [value] });
const places = (row: readonly number[]) => [...row.keys()].sort((i, j) => row[i] - row[j] || i - j);

export const reductions = {
  all: {
    shapes: matrix,
    f: (x) => ops.all(ops.greater(x, -1), rows),
    expected: (x) => ofRows(x, (row) => truth(row.every((v) => v > -1))),
    ...discrete,
  },
  any: {
    shapes: matrix,
    f: (x) => ops.any(ops.greater(x, 1), rows),
    expected: (x) => ofRows(x, (row) => truth(row.some((v) => v > 1))),
    ...discrete,
  },
  argMax: {
    shapes: matrix,
    f: (x) => ops.argMax(x),
    expected: (x) => ofRows(x, (row) => row.indexOf(Math.max(...row))),
    ...discrete,
  },
  argMin: {
    shapes: matrix,
    f: (x) => ops.argMin(x),
    expected: (x) => ofRows(x, (row) => row.indexOf(Math.min(...row))),
    ...discrete,
  },
  argSort: { shapes: matrix, f: (x) => ops.argSort(x), expected: (x) => rowByRow(x, places), ...discrete },
  cumSum: {
    shapes: matrix,
    f: (x) => ops.cumSum(x),
    expected: (x) => rowByRow(x, (row) => row.map((_, i) => total(row.slice(0, i + 1)))),
  },
  logSoftmax: {
    shapes: matrix,
    f: (x) => ops.logSoftmax(x),
    expected: (x) => rowByRow(x, (row) => row.map((v) => v - logSumExp(row))),
  },
  logSumExp: { shapes: matrix, f: (x) => ops.logSumExp(x, rows), expected: (x) => ofRows(x, logSumExp) },
  max: { shapes: matrix, f: (x) => ops.max(x, rows), expected: (x) => ofRows(x, (row) => Math.max(...row)) },
  mean: {
    shapes: matrix,
    f: (x) => ops.mean(x, { axes: 1, keepDims: true }),
    expected: (x) => rowByRow(x, (row) => [total(row) / row.length]),
  },
  min: { shapes: matrix, f: (x) => ops.min(x, rows), expected: (x) => ofRows(x, (row) => Math.min(...row)) },
  norm: {
    shapes: matrix,
    f: (x) => ops.norm(x, rows),
    expected: (x) => ofRows(x, (row) => Math.hypot(...row)),
  },
  prod: {
    shapes: matrix,
    f: (x) => ops.prod(x, rows),
    expected: (x) => ofRows(x, (row) => row.reduce((a, b) => a * b, 1)),
  },
  softmax: {
    shapes: matrix,
    f: (x) => ops.softmax(x),
    expected: (x) => rowByRow(x, (row) => row.map((v) => Math.exp(v - logSumExp(row)))),
  },
  sort: {
    shapes: matrix,
    f: (x) => ops.sort(x),
    expected: (x) => rowByRow(x, (row) => [...row].sort((a, b) => a - b)),
  },
  sum: { shapes: matrix, f: (x) => ops.sum(x), expected: (x) => scalarOf(total(x.data)) },
  sumTo: {
    shapes: matrix,
    f: (x) => ops.sumTo(x, [x.shape[1]]),
    expected: (x) =>
      build([x.shape[1]], ([j]) => total(Array.from({ length: x.shape[0] }, (_, i) => at(x, [i, j])))),
  },
  topK: {
    shapes: matrix,
    f: (x) => ops.topK(x, 2).values,
    expected: (x) => rowByRow(x, (row) => [...row].sort((a, b) => b - a).slice(0, 2)),
  },
  crossEntropy: {
    shapes: () => [[2, 3]],
    f: (x) => ops.crossEntropy(x, constant(BigInt64Array.of(2n, 0n))),
    expected: (x) => ({
      shape: [2],
      data: [
        [0, 2],
        [1, 0],
      ].map(([i, j]) => ofRows(x, logSumExp).data[i] - at(x, [i, j])),
    }),
  },
} satisfies Record<string, Example>;
