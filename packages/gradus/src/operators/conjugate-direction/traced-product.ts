import { add, constant, mul, pad, slice, sub, type Tensor } from "@gradus/graph";
import type { GridOperator } from "../../linalg/grids/contract.ts";

/**
 * The product with a grid's operator inside a graph, for losses: the flow through each face is its coupling times the
 * difference across it, and (A x)_k is what flows out of cell k, with what flows through sides.
 *
 * @returns a function of x [..., ...shape], in float32 or float64
 */
export function tracedProduct(A: GridOperator): (x: Tensor) => Tensor {
  const { shape, strides, couplings, diagonal } = A;
  const side = diagonal.slice();
  couplings.forEach((coupling, axis) => {
    for (let k = 0; k + strides[axis] < side.length; k++) {
      side[k] -= coupling[k];
      side[k + strides[axis]] -= coupling[k];
    }
  });
  const largest = diagonal.reduce((most, value) => Math.max(most, value), 0);
  const hasSides = side.some((value) => value > 1e-12 * largest);
  return (x) => {
    const rank = x.shape.length;
    const first = rank - shape.length;
    const numbers = (values: Float64Array, sizes: readonly number[]) =>
      constant(x.dtype === "f32" ? Float32Array.from(values) : values, sizes);
    let result: Tensor | undefined = hasSides ? mul(numbers(side, shape), x) : undefined;
    shape.forEach((size, axis) => {
      if (size === 1) return;
      const [stride, rows] = [strides[axis], couplings[axis].length / (size * strides[axis])];
      const faces = new Float64Array(rows * (size - 1) * stride);
      for (let row = 0; row < rows; row++)
        faces.set(
          couplings[axis].subarray(row * size * stride, (row * size + size - 1) * stride),
          row * (size - 1) * stride,
        );
      const along = first + axis;
      const across = sub(
        slice(x, { axis: along, start: 0, end: size - 1 }),
        slice(x, { axis: along, start: 1, end: size }),
      );
      const flow = faces.every((c) => c === 1)
        ? across
        : mul(numbers(faces, shape.with(axis, size - 1)), across);
      const around = (before: number, after: number) =>
        pad(
          flow,
          Array.from({ length: rank }, (_, i): [number, number] => (i === along ? [before, after] : [0, 0])),
        );
      const out = sub(around(0, 1), around(1, 0));
      result = result ? add(result, out) : out;
    });
    return result ?? mul(x, 0);
  };
}
