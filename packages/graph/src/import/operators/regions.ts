import { clip } from "../../ops/activations.ts";
import { add, div, maximum, mul, sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { and, lessEqual } from "../../ops/compare.ts";
import { mean } from "../../ops/reduce.ts";
import { where } from "../../ops/select.ts";
import { expandDims, reshape } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { formatShape, isStatic, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";
import { channelsFirst, imagesOf, interpolated, linearTaps } from "./sampling.ts";

/** The corners of regions [R, 4] as columns [R, 1]: left, top, right, bottom. */
function corners(regions: Tensor, scale: number, offset: number): Tensor[] {
  return [0, 1, 2, 3].map((i) => sub(mul(slice(regions, { axis: 1, start: i, end: i + 1 }), scale), offset));
}

/** Samples in each bin of a region along one axis: their number is an attribute, or follows from known regions. */
function samplesIn(call: NodeCall, axis: number, bins: number, scale: number): number {
  const given = call.int("sampling_ratio", 0);
  if (given > 0) return given;
  const known = call.numbers(1) ?? [];
  const lengths = Array.from(
    { length: known.length / 4 },
    (_, r) => (known[4 * r + 3 - axis] - known[4 * r + 1 - axis]) * scale,
  );
  const counts = new Set(lengths.map((length) => Math.max(1, Math.ceil(length / bins))));
  const [count] = counts;
  return counts.size === 1
    ? count
    : call.refuse("regions of different sizes without sampling_ratio are not supported");
}

/** Averages of interpolated samples in the bins of regions of an image (He et al. 2017). */
const roiAlign: Operator = (call) => {
  const [x, regions, which] = [0, 1, 2].map((i) => call.input(i));
  const sizes: Shape = x.shape.slice(2);
  if (!isStatic(sizes)) return call.refuse(`the sizes of ${formatShape(x.shape)} must be known`);
  // The maximum is defined over weighted entries, not over interpolated samples.
  if (call.text("mode", "avg") !== "avg") return call.refuse("only averages are supported");
  const scale = call.float("spatial_scale", 1);
  const halfPixel =
    call.opset >= 16 && call.text("coordinate_transformation_mode", "half_pixel") === "half_pixel";
  const [left, top, right, bottom] = corners(regions, scale, halfPixel ? 0.5 : 0);
  const extent = (from: Tensor, to: Tensor) => (halfPixel ? sub(to, from) : maximum(sub(to, from), 1));
  const bins = [call.int("output_height", 1), call.int("output_width", 1)];
  const counts = bins.map((n, axis) => samplesIn(call, axis, n, scale));
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const [rows, columns] = bins.map((n, i) => call.bounded(n * counts[i], "the number of samples"));
  const along = (axis: number, from: Tensor, to: Tensor) => {
    const [n, count] = [bins[axis], bins[axis] * counts[axis]];
    const steps = Array.from({ length: count }, (_, i) => (i + 0.5) / counts[axis]);
    return add(from, mul(div(extent(from, to), n), constantFrom(dtype, steps, [count])));
  };
  // [R, rows, columns], flattened to a list of places of each region.
  const count = regions.shape[0];
  const flat = [expandDims(along(0, top, bottom), -1), expandDims(along(1, left, right), 1)].map((t) =>
    reshape(broadcastTo(t, [count, rows, columns]), [count, call.bounded(rows * columns, "the places")]),
  );
  // Up to one entry outside counts as the edge.
  const inside = flat.map((t, i) => and(lessEqual(-1, t), lessEqual(t, sizes[i])));
  const positions = flat.map((t, i) => clip(t, 0, sizes[i] - 1));
  const read = interpolated(imagesOf(x, sizes, "border", which), positions, linearTaps);
  const samples = where(expandDims(and(inside[0], inside[1]), -1), read, 0);
  const binned = channelsFirst(samples, [bins[0], counts[0], bins[1], counts[1]]);
  return mean(binned, { axes: [3, 5] });
};

export const regions: Readonly<Record<string, Operator>> = { RoiAlign: roiAlign };
