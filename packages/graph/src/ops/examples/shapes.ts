import * as ops from "../index.ts";
import { at, build, type Example, matrix, type Nd } from "./reference.ts";

const discrete = { differentiable: false } as const;
const same = (x: Nd) => x;
const square = (n: number, m: number) => [[m, n, n]];
const truth = (x: boolean) => (x ? 1 : 0);
const masked = (keep: (i: number, j: number) => boolean) => (x: Nd) =>
  build(x.shape, ([i, j]) => (keep(i, j) ? at(x, [i, j]) : 0));
const diagonalOf = (x: Nd) => build(x.shape.slice(0, 2), ([b, i]) => at(x, [b, i, i]));
const around = [
  [1, 0],
  [0, 2],
] as const;

export const shapes = {
  broadcastTo: {
    shapes: matrix,
    f: (x) => ops.broadcastTo(x, [3, ...x.shape]),
    expected: (x) => build([3, ...x.shape], ([, i, j]) => at(x, [i, j])),
  },
  cast: {
    shapes: matrix,
    f: (x) => ops.cast(ops.cast(x, "f32"), x.dtype),
    expected: (x) => ({ ...x, data: x.data.map(Math.fround) }),
    ...discrete,
  },
  concat: {
    shapes: (n, m) => [
      [n, m],
      [n, 2],
    ],
    f: (a, b) => ops.concat([a, b], { axis: 1 }),
    expected: (a, b) =>
      build([a.shape[0], a.shape[1] + 2], ([i, j]) =>
        j < a.shape[1] ? at(a, [i, j]) : at(b, [i, j - a.shape[1]]),
      ),
  },
  diagonal: { shapes: square, f: ops.diagonal, expected: diagonalOf },
  diagonalMatrix: {
    shapes: matrix,
    f: ops.diagonalMatrix,
    expected: (x) => build([...x.shape, x.shape[1]], ([b, i, j]) => (i === j ? at(x, [b, i]) : 0)),
  },
  expandDims: {
    shapes: matrix,
    f: (x) => ops.expandDims(x, [0, -1]),
    expected: (x) => ({ ...x, shape: [1, ...x.shape, 1] }),
  },
  flip: {
    shapes: matrix,
    f: (x) => ops.flip(x, 1),
    expected: (x) => build(x.shape, ([i, j]) => at(x, [i, x.shape[1] - 1 - j])),
  },
  full: {
    shapes: matrix,
    f: (x) => ops.mul(x, ops.full(x.shape, 2.5, x.dtype === "f32" ? "f32" : "f64")),
    expected: (x) => ({ ...x, data: x.data.map((v) => 2.5 * v) }),
  },
  identity: { shapes: matrix, f: ops.identity, expected: same },
  identityMatrix: {
    shapes: matrix,
    f: (x) =>
      ops.add(x, ops.gather(ops.identityMatrix(x.shape[1], x.dtype === "f32" ? "f32" : "f64"), ops.range(1))),
    expected: (x) => build(x.shape, ([i, j]) => at(x, [i, j]) + truth(j === 0)),
  },
  lowerTriangle: {
    shapes: matrix,
    f: (x) => ops.lowerTriangle(x, { offset: 1 }),
    expected: masked((i, j) => j <= i + 1),
  },
  matrixTrace: {
    shapes: square,
    f: ops.matrixTrace,
    expected: (x) =>
      build([x.shape[0]], ([b]) =>
        diagonalOf(x)
          .data.slice(b * x.shape[1], (b + 1) * x.shape[1])
          .reduce((u, v) => u + v, 0),
      ),
  },
  matrixTranspose: {
    shapes: matrix,
    f: ops.matrixTranspose,
    expected: (x) => build([x.shape[1], x.shape[0]], ([i, j]) => at(x, [j, i])),
  },
  onesLike: {
    shapes: matrix,
    f: (x) => ops.add(x, ops.onesLike(x)),
    expected: (x) => ({ ...x, data: x.data.map((v) => v + 1) }),
  },
  pad: {
    shapes: matrix,
    f: (x) => ops.pad(x, around, { value: 2 }),
    expected: (x) =>
      build([x.shape[0] + 1, x.shape[1] + 2], ([i, j]) => (i > 0 && j < x.shape[1] ? at(x, [i - 1, j]) : 2)),
  },
  range: {
    shapes: matrix,
    f: (x) => ops.mul(x, ops.range(x.shape[1], x.dtype === "f32" ? "f32" : "f64")),
    expected: (x) => build(x.shape, ([i, j]) => at(x, [i, j]) * j),
  },
  reshape: {
    shapes: matrix,
    f: (x) => ops.reshape(x, [x.shape[1], x.shape[0]]),
    expected: (x) => ({ ...x, shape: [x.shape[1], x.shape[0]] }),
  },
  size: {
    shapes: matrix,
    f: (x) => ops.mul(x, ops.size([2, x.shape[1]], x.dtype === "f32" ? "f32" : "f64")),
    expected: (x) => ({ ...x, data: x.data.map((v) => 2 * x.shape[1] * v) }),
  },
  slice: {
    shapes: matrix,
    f: (x) => ops.slice(x, { axis: 1, start: -1, step: -2 }),
    expected: (x) =>
      build([x.shape[0], Math.ceil(x.shape[1] / 2)], ([i, j]) => at(x, [i, x.shape[1] - 1 - 2 * j])),
  },
  split: {
    shapes: matrix,
    f: (x) => ops.split(x, [1, Number(x.shape[1]) - 1], { axis: 1 })[1],
    expected: (x) => build([x.shape[0], x.shape[1] - 1], ([i, j]) => at(x, [i, j + 1])),
  },
  squeeze: {
    shapes: (n, m) => [[n, 1, m]],
    f: (x) => ops.squeeze(x, 1),
    expected: (x) => ({ ...x, shape: [x.shape[0], x.shape[2]] }),
  },
  stack: {
    shapes: (n, m) => [
      [n, m],
      [n, m],
    ],
    f: (a, b) => ops.stack([a, b], { axis: 1 }),
    expected: (a, b) => build([a.shape[0], 2, a.shape[1]], ([i, k, j]) => at(k === 0 ? a : b, [i, j])),
  },
  stopGradient: { shapes: matrix, f: (x) => ops.stopGradient(x), expected: same, ...discrete },
  transpose: {
    shapes: (n, m, k) => [[n, m, k]],
    f: (x) => ops.transpose(x, [2, 0, 1]),
    expected: ({ shape: [n, m, k], ...x }) =>
      build([k, n, m], ([c, a, b]) => at({ shape: [n, m, k], ...x }, [a, b, c])),
  },
  upperTriangle: {
    shapes: matrix,
    f: (x) => ops.upperTriangle(x, { offset: 1 }),
    expected: masked((i, j) => j >= i + 1),
  },
  zerosLike: { shapes: matrix, f: (x) => ops.sub(x, ops.zerosLike(x)), expected: same },
} satisfies Record<string, Example>;
