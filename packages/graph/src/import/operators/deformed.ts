import { add, mul } from "../../ops/arithmetic.ts";
import { concat } from "../../ops/concat.ts";
import { matmul } from "../../ops/matmul.ts";
import { expandDims, reshape, transpose } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { formatShape, isStatic, sizeOfShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";
import { imagesOf, interpolated, linearTaps } from "./sampling.ts";

/** The places that the kernel's taps read without offsets, along one axis: [taps area]. */
function places(
  call: NodeCall,
  axis: number,
  kernel: readonly number[],
  output: readonly number[],
): number[] {
  const rank = kernel.length;
  const stride = call.ints("strides")?.[axis] ?? 1;
  const dilation = call.ints("dilations")?.[axis] ?? 1;
  const before = call.ints("pads")?.[axis] ?? 0;
  const [area, inner] = [sizeOfShape(output), sizeOfShape(output.slice(axis + 1))];
  const innerTaps = sizeOfShape(kernel.slice(axis + 1, rank));
  return Array.from({ length: sizeOfShape(kernel) * area }, (_, i) => {
    const tap = Math.floor(Math.floor(i / area) / innerTaps) % kernel[axis];
    const at = Math.floor((i % area) / inner) % output[axis];
    return at * stride - before + tap * dilation;
  });
}

/** A convolution whose taps read at learned offsets, interpolated and masked (Zhu et al. 2019). */
const deformConv: Operator = (call) => {
  const [x, w, offsets] = [0, 1, 2].map((i) => call.input(i));
  const [bias, mask] = [call.optional(3), call.optional(4)];
  if (!isStatic(x.shape) || !isStatic(w.shape) || !isStatic(offsets.shape))
    return call.refuse(`all dimensions of ${formatShape(x.shape)} and the offsets must be known`);
  const [n, channels, ...sizes] = x.shape;
  const [filters, perGroup, ...kernel] = w.shape;
  const output = offsets.shape.slice(2);
  const [groups, parts] = [call.int("group", 1), call.int("offset_group", 1)];
  const [taps, area, rank] = [sizeOfShape(kernel), sizeOfShape(output), kernel.length];
  const count = call.bounded(taps * area, "the number of places");
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const each = channels / parts;
  // [n, parts, taps, axes, area]: each part of the channels has its own offsets.
  const shifts = reshape(offsets, [n, parts, taps, rank, area]);
  const columns = Array.from({ length: parts }, (_, part) => {
    const own = (t: Tensor, axis: number, start: number, length: number) =>
      slice(t, { axis, start, end: start + length });
    const positions = kernel.map((_, axis) => {
      const shift = own(own(shifts, 1, part, 1), 3, axis, 1);
      return add(
        reshape(shift, [n, count]),
        constantFrom(dtype, places(call, axis, kernel, output), [count]),
      );
    });
    const images = imagesOf(own(x, 1, part * each, each), sizes, "zeros");
    const read = interpolated(images, positions, linearTaps);
    const weighted = mask
      ? mul(read, expandDims(reshape(own(mask, 1, part * taps, taps), [n, count]), -1))
      : read;
    return transpose(reshape(weighted, [n, taps, area, each]), [0, 3, 1, 2]);
  });
  const rows =
    groups * perGroup === channels ? concat(columns, { axis: 1 }) : call.refuse("groups do not fit");
  const product = matmul(
    reshape(w, [groups, filters / groups, perGroup * taps]),
    reshape(rows, [n, groups, perGroup * taps, area]),
  );
  const y = reshape(product, [n, filters, ...output]);
  return bias ? add(y, reshape(bias, [filters, ...output.map(() => 1)])) : y;
};

export const deformed: Readonly<Record<string, Operator>> = { DeformConv: deformConv };
