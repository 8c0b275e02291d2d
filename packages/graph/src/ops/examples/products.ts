import { constant } from "../../tensor.ts";
import * as ops from "../index.ts";
import { at, build, type Example, total } from "./reference.ts";

const integers = (shape: readonly number[], ...values: readonly number[]) =>
  constant(BigInt64Array.from(values, BigInt), shape);
const indices = integers([2, 2], 1, 0, 1, 1);
const flat = [1, 0, 1, 1];
const along = [2, 0, 0, 1];
const over = (length: number, f: (i: number) => number) => total(Array.from({ length }, (_, i) => f(i)));

export const products = {
  averagePool: {
    shapes: (n, m) => [[n, 2, 4, 2 * m]],
    f: (x) => ops.averagePool(x, { size: [2, 2] }),
    expected: (x) =>
      build([x.shape[0], 2, 2, x.shape[3] / 2], ([b, c, i, j]) =>
        over(4, (k) => at(x, [b, c, 2 * i + (k >> 1), 2 * j + (k & 1)]) / 4),
      ),
  },
  convolution: {
    shapes: (n, m, k) => [
      [n, 2, m + 3],
      [k, 2, 2],
    ],
    f: (x, w) => ops.convolution(x, w, { padding: 1, strides: 2, dilations: 2 }),
    expected: (x, w) =>
      build([x.shape[0], w.shape[0], Math.floor((x.shape[2] - 1) / 2) + 1], ([b, o, i]) =>
        over(4, (k) => at(x, [b, k >> 1, 2 * i + 2 * (k & 1) - 1]) * at(w, [o, k >> 1, k & 1])),
      ),
  },
  convolutionTranspose: {
    shapes: (n, m, k) => [
      [n, 2, m + 1],
      [2, k, 3],
    ],
    f: (x, w) => ops.convolutionTranspose(x, w, { strides: 2 }),
    // Entry i goes to 2 i, 2 i + 1 and 2 i + 2.
    expected: (x, w) =>
      build([x.shape[0], w.shape[1], 2 * x.shape[2] + 1], ([b, o, j]) =>
        over(2 * x.shape[2], (k) => {
          const [c, i] = [k % 2, k >> 1];
          return at(x, [b, c, i]) * at(w, [c, o, j - 2 * i]);
        }),
      ),
  },
  einsum: {
    shapes: (n, m, k) => [[n, m, k], [m, k], [n]],
    f: (a, b, c) => ops.einsum("nmk,mk,n->k", a, b, c),
    expected: (a, b, c) => {
      const [n, m, k] = a.shape;
      return build([k], ([z]) =>
        over(n * m, (i) => {
          const [x, y] = [Math.floor(i / m), i % m];
          return at(a, [x, y, z]) * at(b, [y, z]) * at(c, [x]);
        }),
      );
    },
  },
  gather: {
    shapes: (n, m) => [[n + 1, m]],
    f: (x) => ops.gather(x, indices),
    expected: (x) => build([2, 2, x.shape[1]], ([i, j, k]) => at(x, [flat[2 * i + j], k])),
  },
  matmul: {
    shapes: (n, m, k) => [
      [2, n, m],
      [m, k],
    ],
    f: ops.matmul,
    expected: (a, b) =>
      build([2, a.shape[1], b.shape[1]], ([s, i, j]) =>
        over(b.shape[0], (l) => at(a, [s, i, l]) * at(b, [l, j])),
      ),
  },
  maxPool: {
    shapes: (n, m) => [[n, 1, m + 2]],
    f: (x) => ops.maxPool(x, { size: [2], strides: 1 }),
    expected: (x) =>
      build([x.shape[0], 1, x.shape[2] - 1], ([b, c, i]) => Math.max(at(x, [b, c, i]), at(x, [b, c, i + 1]))),
  },
  oneHot: {
    shapes: () => [[3]],
    f: (x) => ops.mul(x, ops.oneHot(indices, 3, x.dtype === "f32" ? "f32" : "f64")),
    expected: (x) => build([2, 2, 3], ([i, j, k]) => (flat[2 * i + j] === k ? at(x, [k]) : 0)),
  },
  outer: {
    shapes: (n, m, k) => [
      [k, n],
      [k, m],
    ],
    f: ops.outer,
    expected: (a, b) =>
      build([a.shape[0], a.shape[1], b.shape[1]], ([s, i, j]) => at(a, [s, i]) * at(b, [s, j])),
  },
  scatterAdd: {
    shapes: (_, m) => [[2, 2, m]],
    f: (u) => ops.scatterAdd([3, u.shape[2]], indices, u),
    expected: (u) =>
      build([3, u.shape[2]], ([r, k]) => over(4, (p) => (flat[p] === r ? at(u, [p >> 1, p & 1, k]) : 0))),
  },
  scatterAddAlong: {
    shapes: () => [[2, 2]],
    f: (u) => ops.scatterAddAlong(integers([2, 2], ...along), u, 1, 4),
    expected: (u) => build([2, 4], ([i, k]) => over(2, (j) => (along[2 * i + j] === k ? at(u, [i, j]) : 0))),
  },
  takeAlong: {
    shapes: (n) => [[2, n + 2]],
    f: (x) => ops.takeAlong(x, integers([2, 2], ...along)),
    expected: (x) => build([2, 2], ([i, j]) => at(x, [i, along[2 * i + j]])),
  },
  upsampleNearest: {
    shapes: (n, m) => [[n, m, 2]],
    f: (x) => ops.upsampleNearest(x, [2, 3]),
    expected: (x) =>
      build([x.shape[0], 2 * x.shape[1], 6], ([b, i, j]) => at(x, [b, i >> 1, Math.floor(j / 3)])),
  },
} satisfies Record<string, Example>;
