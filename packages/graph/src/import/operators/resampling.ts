import { isFloat } from "../../dtype.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { concat } from "../../ops/concat.ts";
import { matmul } from "../../ops/matmul.ts";
import { pad } from "../../ops/pad.ts";
import { cast, where } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { formatShape } from "../../shape.ts";
import { constant, scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom, SIZES_AS_NUMBERS } from "../values.ts";
import { gatherAlong, moveAxis } from "./axes.ts";

/** The place in the input, in entries, of an entry of the output along one axis. */
type Place = (at: number) => number;

/** How one axis is resampled. */
interface AxisPlan {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly region: readonly [number, number];
}

function placeOf(call: NodeCall, mode: string, plan: AxisPlan): Place {
  const { from, to, scale, region } = plan;
  switch (mode) {
    case "half_pixel":
      return (x) => (x + 0.5) / scale - 0.5;
    case "half_pixel_symmetric": {
      const adjusted = to / (from * scale);
      const offset = (from / 2) * (1 - adjusted);
      return (x) => offset + (x + 0.5) / scale - 0.5;
    }
    case "pytorch_half_pixel":
      return (x) => (to > 1 ? (x + 0.5) / scale - 0.5 : 0);
    case "align_corners":
      // The size before it is rounded down.
      return (x) => (to > 1 ? (x * (from - 1)) / (from * scale - 1) : 0);
    case "asymmetric":
      return (x) => x / scale;
    case "tf_half_pixel_for_nn":
      return (x) => (x + 0.5) / scale;
    case "tf_crop_and_resize": {
      const [start, end] = region;
      return (x) =>
        to > 1
          ? start * (from - 1) + (x * (end - start) * (from - 1)) / (to - 1)
          : 0.5 * (start + end) * (from - 1);
    }
    default:
      return call.refuse(`coordinate_transformation_mode ${mode} is not supported`);
  }
}

const nearest: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The cubic kernel with coefficient a (Keys 1981). */
function cubic(a: number) {
  return (t: number) => {
    const x = Math.abs(t);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  };
}

const triangle = (t: number) => Math.max(0, 1 - Math.abs(t));

interface Kernel {
  readonly weight: (t: number) => number;
  readonly reach: number;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
}

/** The matrix [to, from] that resamples one axis. Entries outside are those at the end, or excluded. */
function weights(plan: AxisPlan, place: Place, kernel: Kernel): number[] {
  const { from, to, scale } = plan;
  const matrix = new Array<number>(to * from).fill(0);
  const stretch = kernel.antialias && scale < 1 ? 1 / scale : 1;
  const reach = kernel.reach * stretch;
  for (let row = 0; row < to; row++) {
    const at = place(row);
    const parts: [number, number][] = [];
    for (let i = Math.floor(at - reach) + 1; i <= Math.ceil(at + reach) - 1 || i <= Math.floor(at); i++)
      parts.push([i, kernel.weight((i - at) / stretch)]);
    const kept = kernel.excludeOutside ? parts.filter(([i]) => i >= 0 && i < from) : parts;
    const total = kept.reduce((sum, [, w]) => sum + w, 0);
    for (const [i, w] of kept) {
      const inside = Math.min(Math.max(i, 0), from - 1);
      matrix[row * from + inside] += w / total;
    }
  }
  return matrix;
}

/** Multiplies along an axis by a matrix [to, from]. */
function multiplyAlong(x: Tensor, matrix: readonly number[], { axis, from, to }: AxisPlan): Tensor {
  const last = x.shape.length - 1;
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const transposed = Array.from(
    { length: from * to },
    (_, k) => matrix[(k % to) * from + Math.floor(k / to)],
  );
  const product = matmul(moveAxis(x, axis, last), constantFrom(dtype, transposed, [from, to]));
  return moveAxis(product, last, axis);
}

/** The axes that change, with their sizes before and after. */
function plansOf(call: NodeCall, x: Tensor): AxisPlan[] {
  const rank = x.shape.length;
  const upsample = call.node.opType === "Upsample";
  const axes = (call.ints("axes") ?? x.shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + rank : axis));
  const scaleInput = upsample || call.opset < 11 ? 1 : 2;
  const scales =
    upsample && call.node.attributes.has("scales")
      ? call.node.attributes.get("scales")?.floats
      : call.has(scaleInput)
        ? call.numbers(scaleInput)
        : undefined;
  const sizes = upsample ? undefined : call.dimensions(3);
  const region = !upsample && call.opset >= 11 && call.has(1) ? (call.numbers(1) ?? []) : [];
  const policy = call.text("keep_aspect_ratio_policy", "stretch");
  const from = axes.map((axis) => x.shape[axis]);
  const ratios = sizes?.map((size, i) => (size === from[i] ? 1 : Number(size) / Number(from[i])));
  const common =
    ratios && policy === "not_larger"
      ? Math.min(...ratios)
      : ratios && policy === "not_smaller"
        ? Math.max(...ratios)
        : undefined;
  return axes.flatMap((axis, i) => {
    const size = from[i];
    const given = scales && scales.length > 0 ? scales[i] : undefined;
    if (typeof size !== "number") {
      if (given === 1 || (sizes?.[i] === size && (common ?? 1) === 1)) return [];
      return call.refuse(
        `axis ${axis} of ${formatShape(x.shape)} must have a known size; ${SIZES_AS_NUMBERS}`,
      );
    }
    const start: readonly [number, number] = [region[i] ?? 0, region[i + axes.length] ?? 1];
    const extent = start[1] - start[0];
    const to =
      given !== undefined
        ? Math.floor(
            size *
              given *
              (call.text("coordinate_transformation_mode", "") === "tf_crop_and_resize" ? extent : 1),
          )
        : common !== undefined
          ? Math.round(size * common)
          : (sizes?.[i] ?? call.refuse("neither scales nor sizes are given"));
    if (typeof to !== "number")
      return call.refuse(`the size ${to} of axis ${axis} depends on the sizes of a run; ${SIZES_AS_NUMBERS}`);
    const scale = given ?? common ?? to / size;
    const crops = call.text("coordinate_transformation_mode", "") === "tf_crop_and_resize";
    return to === size && scale === 1 && !crops ? [] : [{ axis, from: size, to, scale, region: start }];
  });
}

/** Resamples each axis in turn, by indices or by a matrix. */
const resize: Operator = (call) => {
  const given = call.input(0);
  const x = isFloat(given.dtype) ? given : cast(given, "f32");
  const old = call.node.opType === "Upsample" || call.opset < 11;
  const mode = call.text("mode", "nearest");
  const coordinates = old ? "asymmetric" : call.text("coordinate_transformation_mode", "half_pixel");
  const extrapolation = call.float("extrapolation_value", 0);
  const outside: { plan: AxisPlan; inside: number[] }[] = [];
  const plans = plansOf(call, x);
  const resampled = plans.reduce((t, plan) => {
    call.bounded(mode === "nearest" ? plan.to : plan.to * plan.from, "the number of weights of an axis");
    const place = placeOf(call, coordinates, plan);
    if (coordinates === "tf_crop_and_resize") {
      const inside = Array.from({ length: plan.to }, (_, i) =>
        place(i) >= 0 && place(i) <= plan.from - 1 ? 1 : 0,
      );
      if (inside.includes(0)) outside.push({ plan, inside });
    }
    if (mode === "nearest") {
      const round = nearest[old ? "floor" : call.text("nearest_mode", "round_prefer_floor")];
      const indices = Array.from({ length: plan.to }, (_, i) =>
        Math.min(Math.max(round(place(i)), 0), plan.from - 1),
      );
      return gatherAlong(t, constantFrom("i64", indices, [plan.to]), plan.axis);
    }
    const antialias = call.int("antialias", 0) === 1;
    const excludeOutside = call.int("exclude_outside", 0) === 1;
    const kernel =
      mode === "cubic"
        ? { weight: cubic(call.float("cubic_coeff_a", -0.75)), reach: 2, antialias, excludeOutside }
        : { weight: triangle, reach: 1, antialias, excludeOutside };
    return multiplyAlong(t, weights(plan, place, kernel), plan);
  }, x);
  const result = outside.reduce((t, { plan, inside }) => {
    const shape = t.shape.map((_, i) => (i === plan.axis ? plan.to : 1));
    return where(constant(Uint8Array.from(inside), shape.map(Number)), t, extrapolation);
  }, resampled);
  return cast(result, given.dtype);
};

/** The indices that a padded axis reads: reflected at the ends, or repeating them. */
function paddedIndices(size: number, before: number, after: number, mode: string): number[] {
  const period = Math.max(1, 2 * (size - 1));
  return Array.from({ length: before + size + after }, (_, i) => {
    const at = i - before;
    if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
    if (mode === "wrap") return ((at % size) + size) % size;
    const folded = ((at % period) + period) % period;
    return folded < size ? folded : period - folded;
  });
}

const padded: Operator = (call) => {
  const x = call.input(0);
  const rank = x.shape.length;
  const amounts =
    call.intsOrInput("pads", 1) ?? call.ints("paddings") ?? call.refuse("the amounts are missing");
  const axes = (call.numbers(3) ?? x.shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + rank : axis));
  const pairs = x.shape.map((_, axis): [number, number] => {
    const i = axes.indexOf(axis);
    return i < 0 ? [0, 0] : [amounts[i], amounts[i + axes.length]];
  });
  const mode = call.text("mode", "constant");
  // A negative amount cuts entries off.
  const cuts = pairs.flatMap(([before, after], axis) => {
    if (before >= 0 && after >= 0) return [];
    return [{ axis, start: Math.max(0, -before), end: after < 0 ? after : undefined }];
  });
  const cut = cuts.length === 0 ? x : slice(x, cuts);
  const positive = pairs.map((pair): [number, number] => [Math.max(0, pair[0]), Math.max(0, pair[1])]);
  if (mode !== "constant")
    return positive.reduce((t, [before, after], axis) => {
      const size = t.shape[axis];
      if (before === 0 && after === 0) return t;
      if (typeof size !== "number")
        return call.refuse(`axis ${axis} must have a known size; ${SIZES_AS_NUMBERS}`);
      call.bounded(before + size + after, "the padded size");
      const indices = paddedIndices(size, before, after, mode);
      return gatherAlong(t, constantFrom("i64", indices, [indices.length]), axis);
    }, cut);
  const value = call.opset < 11 ? call.float("value", 0) : (call.numbers(2)?.[0] ?? 0);
  if (x.dtype !== "bool" && isFloat(x.dtype)) return pad(cut, positive, { value });
  return positive.reduce((t, [before, after], axis) => {
    const filler = (n: number) => broadcastTo(scalar(value, t.dtype), t.shape.with(axis, n));
    const parts = [...(before ? [filler(before)] : []), t, ...(after ? [filler(after)] : [])];
    return parts.length === 1 ? t : concat(parts, { axis });
  }, cut);
};

/** Crops to a window of the last two axes around the center. */
const centerCrop: Operator = (call) => {
  const x = call.input(0);
  const shape = call.numbers(1) ?? [];
  const rank = x.shape.length;
  const axes = (call.ints("axes") ?? shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + rank : axis));
  return axes.reduce((t, axis, i) => {
    const size = t.shape[axis];
    if (typeof size !== "number")
      return call.refuse(`axis ${axis} must have a known size; ${SIZES_AS_NUMBERS}`);
    const difference = shape[i] - size;
    if (difference <= 0) {
      const start = Math.floor(-difference / 2);
      return slice(t, { axis, start, end: start + shape[i] });
    }
    const before = Math.floor(difference / 2);
    const amounts = t.shape.map((_, j): [number, number] =>
      j === axis ? [before, difference - before] : [0, 0],
    );
    return isFloat(t.dtype) ? pad(t, amounts) : cast(pad(cast(t, "f64"), amounts), t.dtype);
  }, x);
};

/** A grid of points for sampling an image, [N, H, W, 2] or [N, D, H, W, 3], by an affine map for each entry. */
const affineGrid: Operator = (call) => {
  const theta = call.input(0);
  const [, , ...sizes] = call.numbers(1) ?? [];
  const align = call.int("align_corners", 0) === 1;
  const coordinate = (n: number, i: number) =>
    align ? (n > 1 ? -1 + (2 * i) / (n - 1) : 0) : -1 + (2 * i + 1) / n;
  const count = sizes.reduce((a, b) => a * b, 1);
  const points = Array.from({ length: call.bounded(count, "the number of points") }, (_, flat) => {
    let rest = flat;
    const own: number[] = [];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      own.push(coordinate(sizes[axis], rest % sizes[axis]));
      rest = Math.floor(rest / sizes[axis]);
    }
    return [...own, 1];
  });
  const dtype = theta.dtype === "f64" ? "f64" : "f32";
  const grid = constantFrom(dtype, points.flat(), [count, sizes.length + 1]);
  const rows = matmul(grid, moveAxis(theta, 2, 1));
  return reshape(rows, [theta.shape[0], ...sizes, sizes.length]);
};

export const resampling: Readonly<Record<string, Operator>> = {
  AffineGrid: affineGrid,
  CenterCropPad: centerCrop,
  Pad: padded,
  Resize: resize,
  Upsample: resize,
};
