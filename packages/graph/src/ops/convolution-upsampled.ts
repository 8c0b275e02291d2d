import { sizeOfShape } from "../shape.ts";
import { constant, type Tensor } from "../tensor.ts";
import { axesFrom, type Convolution } from "./convolution-products.ts";
import { matmul } from "./matmul.ts";
import { reshape, transpose } from "./shape.ts";
import { type UpsampleAttributes, upsampleOp } from "./upsample.ts";

/** The transposed convolution of y with weights w. */
export interface Transposed {
  readonly y: Tensor;
  readonly w: Tensor;
  readonly convolution: Convolution;
}

/**
 * Row-major [taps, wider taps]: which taps of a kernel meet the same entry before it was repeated. Entry i is repeated at
 * s i + d, d < s, where tap t reaches result s i + d - t + padding: tap d + k - 1 - t of a transposed convolution.
 */
function tapsTogether(kernel: readonly number[], factors: readonly number[]): Float32Array {
  const wider = kernel.map((size, axis) => size + factors[axis] - 1);
  const meets = (taps: readonly number[], others: readonly number[]) =>
    taps.every((tap, axis) => {
      const copy = others[axis] - (kernel[axis] - 1 - tap);
      return copy >= 0 && copy < factors[axis];
    });
  const places = (sizes: readonly number[]) =>
    sizes.reduce<readonly (readonly number[])[]>(
      (all, size) => all.flatMap((place) => axesFrom(0, size).map((k) => [...place, k])),
      [[]],
    );
  const columns = places(wider);
  return Float32Array.from(
    places(kernel).flatMap((taps) => columns.map((others) => (meets(taps, others) ? 1 : 0))),
  );
}

/**
 * The convolution of a tensor whose entries nearest-neighbor upsampling repeats, as a transposed convolution of the tensor
 * before: its taps are sums of those that meet the same entry, 16 instead of 4 times 9 for each entry that 3 x 3 kernels meet
 * after a doubling, and what is repeated is never made. Undefined where this would not save products, and for groups,
 * dilations, strides, float64 (which has no kernel for it) and padding as wide as the kernel.
 */
export function beforeUpsampling(x: Tensor, w: Tensor, convolution: Convolution): Transposed | undefined {
  if (x.op !== upsampleOp || x.dtype !== "f32") return undefined;
  const { kernel, strides, dilations, before, after, input, output, groups } = convolution;
  const factors = (x.attributes as UpsampleAttributes).factors.slice(-kernel.length);
  const wider = kernel.map((size, axis) => size + factors[axis] - 1);
  const fits =
    (x.attributes as UpsampleAttributes).factors.length === kernel.length &&
    groups === 1 &&
    [...strides, ...dilations].every((n) => n === 1) &&
    kernel.every((size, axis) => before[axis] < size && after[axis] < size) &&
    sizeOfShape(wider) < sizeOfShape(kernel) * sizeOfShape(factors);
  if (!fits) return undefined;
  const [outputs, channels] = w.shape.map(Number);
  const rows = reshape(transpose(w, [1, 0, ...axesFrom(2, kernel.length)]), [
    channels * outputs,
    sizeOfShape(kernel),
  ]);
  const together = constant(tapsTogether(kernel, factors), [sizeOfShape(kernel), sizeOfShape(wider)]);
  return {
    y: x.inputs[0],
    w: reshape(matmul(rows, together), [channels, outputs, ...wider]),
    convolution: {
      kernel: wider,
      strides: factors,
      dilations,
      before: kernel.map((size, axis) => size - 1 - before[axis]),
      after: kernel.map((size, axis) => size - 1 - after[axis]),
      input: output,
      output: input.map((size, axis) => size / factors[axis]),
      groups,
    },
  };
}
