import type { Tensor } from "../../tensor.ts";
import type { Case } from "../derivative-harness.ts";

/** A plain array with its shape: what the formulas of the examples are written in. */
export interface Nd {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Index = readonly number[];

/** An operation with its value by a formula in plain JavaScript. */
export interface Example extends Omit<Case, "name"> {
  readonly expected: (...inputs: readonly Nd[]) => Nd;
  /** False for what gives integers or booleans. */
  readonly differentiable?: false;
}

/** The array whose entry at each index is `f` of the index. */
export function build(shape: readonly number[], f: (index: Index) => number): Nd {
  const length = shape.reduce((a, b) => a * b, 1);
  const data = Array.from({ length }, (_, flat) => {
    let rest = flat;
    return f(
      shape
        .map((__, axis) => {
          const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
          const position = Math.floor(rest / stride);
          rest %= stride;
          return position;
        })
        .map(Number),
    );
  });
  return { shape, data };
}

/** The entry at an index; 0 outside, as convolutions see it. */
export function at({ shape, data }: Nd, index: Index): number {
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (index[axis] < 0 || index[axis] >= shape[axis]) return 0;
    flat = flat * shape[axis] + index[axis];
  }
  return data[flat];
}

/** The shape to which two broadcast, known to fit: a size other than 1 wins. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a, b].map((shape) => shape[i - rank + shape.length] ?? 1);
    return x === 1 ? y : x;
  });
}

/** The entry that broadcasting puts at an index. */
export function broadcastAt(x: Nd, index: Index): number {
  const own = index.slice(index.length - x.shape.length);
  return at(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}

export const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** f over the rows (the last dimension) of a matrix, to one number each. */
export const ofRows = (x: Nd, f: (row: readonly number[]) => number): Nd =>
  build(x.shape.slice(0, -1), ([i]) => f(rowOf(x, i)));

/** f over the rows of a matrix, to a row each. */
export const rowByRow = (x: Nd, f: (row: readonly number[]) => readonly number[]): Nd => {
  const rows = Array.from({ length: x.shape[0] }, (_, i) => f(rowOf(x, i)));
  return { shape: [x.shape[0], rows[0]?.length ?? 0], data: rows.flat() };
};

const rowOf = ({ shape, data }: Nd, i: number) => data.slice(i * shape[1], (i + 1) * shape[1]);

export const matrix = (n: number, m: number) => [[n, m + 1]];

/** An elementwise operation of one matrix. */
export const unary = (
  f: (x: Tensor) => Tensor,
  g: (x: number) => number,
  domain?: Case["domain"],
): Example => ({
  shapes: matrix,
  f,
  domain,
  expected: (x) => ({ shape: x.shape, data: x.data.map(g) }),
});

/** An elementwise operation of a column and a row. */
export const binary = (
  f: (a: Tensor, b: Tensor) => Tensor,
  g: (a: number, b: number) => number,
  domain?: Case["domain"],
): Example => ({
  shapes: (n, m) => [[n, 1], [m]],
  f,
  domain,
  expected: (a, b) =>
    build(broadcast(a.shape, b.shape), (index) => g(broadcastAt(a, index), broadcastAt(b, index))),
});
