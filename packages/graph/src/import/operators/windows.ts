import { isFloat } from "../../dtype.ts";
import { scatterAddAlong } from "../../ops/along.ts";
import { add, div, mul, pow, sub } from "../../ops/arithmetic.ts";
import { convolution, convolutionTranspose } from "../../ops/convolution.ts";
import { pad } from "../../ops/pad.ts";
import { averagePool, maxPool, maxPoolPlaces } from "../../ops/pooling.ts";
import { range } from "../../ops/range.ts";
import { max, mean, sum } from "../../ops/reduce.ts";
import { cast } from "../../ops/select.ts";
import { expandDims, reshape } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { abs } from "../../ops/unary.ts";
import { formatShape, isStatic, sizeOfShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom, SIZES_AS_NUMBERS } from "../values.ts";
import { integersOf } from "./products.ts";

/** How windows slide over the spatial axes of a node's input. */
interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly (readonly [number, number])[];
  /** Entries after the padding that only the last window reaches, with ceil_mode. */
  readonly beyond: readonly number[];
}

/** The padding that the older attribute auto_pad asks for: as many windows as strides fit. */
function samePadding(size: number, reach: number, stride: number, upper: boolean): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  const half = Math.floor(total / 2);
  return upper ? [half, total - half] : [total - half, half];
}

function geometryOf(call: NodeCall, sizes: readonly number[], kernel: readonly number[]): Geometry {
  const ones = kernel.map(() => 1);
  const strides = call.ints("strides") ?? ones;
  const dilations = call.ints("dilations") ?? ones;
  const given = call.ints("pads") ?? kernel.flatMap(() => [0, 0]);
  const auto = call.text("auto_pad", "NOTSET");
  const reach = kernel.map((k, i) => dilations[i] * (k - 1) + 1);
  const pads = kernel.map((_, i): [number, number] => {
    if (auto === "SAME_UPPER" || auto === "SAME_LOWER")
      return samePadding(sizes[i], reach[i], strides[i], auto === "SAME_UPPER");
    return auto === "VALID" ? [0, 0] : [given[i], given[i + kernel.length]];
  });
  const beyond = kernel.map((_, i) => {
    if (call.int("ceil_mode", 0) === 0) return 0;
    const [before, after] = pads[i];
    const room = sizes[i] + before + after - reach[i];
    const last = Math.ceil(room / strides[i]) * strides[i];
    // A window that would start in the padding at the end is left out.
    return last >= sizes[i] + before ? 0 : last - room;
  });
  return { kernel, strides, dilations, pads, beyond };
}

function spatial(call: NodeCall, x: Tensor): readonly number[] {
  const sizes = x.shape.slice(2);
  return isStatic(sizes)
    ? sizes
    : call.refuse(
        `the dimensions of ${formatShape(x.shape)} after the channels must be known; ${SIZES_AS_NUMBERS}`,
      );
}

/** The convolution that a node's attributes describe. */
export function convolved(call: NodeCall, x: Tensor, w: Tensor): Tensor {
  const kernel = call.ints("kernel_shape") ?? w.shape.slice(2).map(Number);
  const { strides, dilations, pads } = geometryOf(call, spatial(call, x), kernel);
  return convolution(x, w, { strides, dilations, padding: pads, groups: call.int("group", 1) });
}

/** A convolution with its bias. */
export const conv = (call: NodeCall): Tensor =>
  withBias(convolved(call, call.input(0), call.input(1)), call.optional(2));

function withBias(y: Tensor, bias: Tensor | undefined): Tensor {
  if (!bias) return y;
  return add(y, reshape(bias, [bias.shape[0], ...y.shape.slice(2).map(() => 1)]));
}

const convTranspose: Operator = (call) => {
  const [x, w] = [call.input(0), call.input(1)];
  const sizes = spatial(call, x);
  const kernel = call.ints("kernel_shape") ?? w.shape.slice(2).map(Number);
  const ones = kernel.map(() => 1);
  const strides = call.ints("strides") ?? ones;
  const dilations = call.ints("dilations") ?? ones;
  const more = call.ints("output_padding") ?? kernel.map(() => 0);
  const given = call.ints("pads") ?? kernel.flatMap(() => [0, 0]);
  const auto = call.text("auto_pad", "NOTSET");
  const output = call.ints("output_shape");
  const spread = sizes.map((n, i) => (n - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 + more[i]);
  const pads = kernel.map((_, i): [number, number] => {
    const wanted = output?.[i] ?? (auto.startsWith("SAME") ? sizes[i] * strides[i] : undefined);
    if (wanted === undefined) return auto === "VALID" ? [0, 0] : [given[i], given[i + kernel.length]];
    const total = spread[i] - wanted;
    const half = Math.floor(total / 2);
    return auto === "SAME_UPPER" ? [half, total - half] : [total - half, half];
  });
  // The whole transpose, of which padding cuts off the ends: negative padding adds zeros.
  const options = { strides, dilations, groups: call.int("group", 1) };
  const whole = convolutionTranspose(x, w, options);
  const zeros = pads.map(([before, after], i): [number, number] => [
    Math.max(0, -before),
    Math.max(0, more[i] - after),
  ]);
  const padded = pad(whole, [[0, 0], [0, 0], ...zeros]);
  const y = slice(
    padded,
    pads.map(([before], i) => {
      const start = Math.max(0, before);
      return { axis: i + 2, start, end: start + spread[i] - before - pads[i][1] };
    }),
  );
  return withBias(y, call.optional(2));
};

/** Pads the spatial axes of a pooling node's input explicitly. */
function padded(x: Tensor, { pads, beyond }: Geometry, value: number): Tensor {
  const amounts = pads.map(([before, after], i): [number, number] => [before, after + beyond[i]]);
  if (amounts.flat().every((n) => n === 0)) return x;
  return pad(x, [[0, 0], [0, 0], ...amounts], { value });
}

const maxPooled: Operator = (call) => {
  const x = call.input(0);
  const numbers = isFloat(x.dtype) ? x : cast(x, "f32");
  const geometry = geometryOf(call, spatial(call, x), call.ints("kernel_shape") ?? []);
  const { kernel, strides, dilations, pads, beyond } = geometry;
  const inside = pads.flat().every((n, i) => n + (i % 2 ? beyond[i >> 1] : 0) < kernel[i >> 1]);
  const options = inside
    ? {
        size: kernel,
        strides,
        dilations,
        padding: pads.map(([before, after], i) => [before, after + beyond[i]] as const),
      }
    : { size: kernel, strides, dilations };
  const around = inside ? numbers : padded(numbers, geometry, Number.NEGATIVE_INFINITY);
  const y = cast(maxPool(around, options), x.dtype);
  if (call.outputs < 2) return y;
  if (!inside) return call.refuse("the places of maxima over padding are not supported");
  return [y, placesOf(call, maxPoolPlaces(around, options), x)];
};

/** The number of a channel through the whole tensor, [n, c], and the sizes of its space; all but n must be known. */
function channelsOf(call: NodeCall, { shape: [n, ...rest] }: Tensor) {
  if (!isStatic(rest)) return call.refuse("all dimensions but the first must be known");
  const [c, ...sizes] = rest;
  return { numbers: add(mul(expandDims(range(n), -1), c), range(c)), sizes };
}

/** Places within the spatial axes as ONNX counts them: through the whole tensor, in row- or column-major order. */
function placesOf(call: NodeCall, places: Tensor, x: Tensor): Tensor {
  const { numbers, sizes } = channelsOf(call, x);
  const start = reshape(mul(numbers, sizeOfShape(sizes)), [...numbers.shape, ...sizes.map(() => 1)]);
  if (call.int("storage_order", 0) === 0) return add(places, start);
  if (sizes.length !== 2) return call.refuse("storage_order 1 is supported for two spatial axes");
  const [height, width] = sizes;
  const row = div(places, width);
  const column = sub(places, mul(row, width));
  return add(add(mul(column, height), row), start);
}

/** Places as `placesOf` counts them, each with its value, in zeros of the larger size. */
const maxUnpooled: Operator = (call) => {
  const [x, places] = [call.input(0), call.input(1)];
  const { numbers, sizes } = channelsOf(call, x);
  const kernel = call.ints("kernel_shape") ?? call.refuse("attribute kernel_shape is missing");
  const strides = call.ints("strides") ?? kernel.map(() => 1);
  const pads = call.ints("pads") ?? kernel.flatMap(() => [0, 0]);
  const natural = sizes.map(
    (size, i) => (size - 1) * strides[i] + kernel[i] - pads[i] - pads[i + kernel.length],
  );
  const wanted = call.dimensions(2)?.slice(2).map(Number) ?? natural;
  const flat = [...numbers.shape, sizeOfShape(sizes)];
  // Places count through the tensor of the natural size.
  const within = sub(reshape(places, flat), mul(expandDims(numbers, -1), sizeOfShape(natural)));
  const small = reshape(scatterAddAlong(within, reshape(x, flat), 2, sizeOfShape(natural)), [
    ...numbers.shape,
    ...natural,
  ]);
  const beyond = wanted.map((size, i): [number, number] => [0, size - natural[i]]);
  return pad(small, [[0, 0], [0, 0], ...beyond]);
};

/** Products of integers minus their zero points, exact up to 2^53. */
const convInteger: Operator = (call) => {
  const shifted = (index: number) => {
    const zero = call.optional(index + 2);
    const x = cast(call.input(index), "f64");
    if (!zero) return x;
    const z = cast(zero, "f64");
    return sub(
      x,
      index === 1 && z.shape.length === 1 ? reshape(z, [z.shape[0], ...x.shape.slice(1).map(() => 1)]) : z,
    );
  };
  return cast(convolved(call, shifted(0), shifted(1)), integersOf(call));
};

/** The sums of overlapping blocks: the transpose of cutting an image into blocks. */
const columnsToImage: Operator = (call) => {
  const x = call.input(0);
  const [image, block] = [call.numbers(1) ?? [], call.numbers(2) ?? []];
  const [n, rows] = x.shape;
  const area = sizeOfShape(block);
  const channels = Number(rows) / area;
  const { strides, dilations, pads } = geometryOf(call, image, block);
  const counts = image.map(
    (size, i) =>
      Math.floor((size + pads[i][0] + pads[i][1] - dilations[i] * (block[i] - 1) - 1) / strides[i]) + 1,
  );
  // Each position of the block is a channel, whose kernel has a single 1.
  const kernel = Array.from({ length: area * area }, (_, i) => (Math.floor(i / area) === i % area ? 1 : 0));
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const ones = constantFrom(dtype, kernel, [area, 1, ...block]);
  const whole = convolutionTranspose(reshape(x, [-1, area, ...counts]), ones, {
    strides,
    dilations,
  });
  const reached = counts.map((count, i) => (count - 1) * strides[i] + dilations[i] * (block[i] - 1) + 1);
  const kept = pad(whole, [
    [0, 0],
    [0, 0],
    ...image.map((size, i): [number, number] => [0, Math.max(0, size + pads[i][0] - reached[i])]),
  ]);
  const cut = slice(
    kept,
    image.map((size, i) => ({ axis: i + 2, start: pads[i][0], end: pads[i][0] + size })),
  );
  return reshape(cut, [n, channels, ...image]);
};

/** Sums over windows of x padded with zeros. */
function windowSums(x: Tensor, geometry: Geometry): Tensor {
  const { kernel, strides, dilations } = geometry;
  const around = padded(x, geometry, 0);
  if (dilations.every((d) => d === 1))
    return mul(averagePool(around, { size: kernel, strides }), sizeOfShape(kernel));
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const ones = constantFrom(dtype, new Array<number>(sizeOfShape(kernel)).fill(1), [1, 1, ...kernel]);
  const [n, c, ...sizes] = around.shape;
  const sums = convolution(reshape(around, [n, c, 1, ...sizes]), ones, { strides, dilations });
  return reshape(sums, [n, c, ...sums.shape.slice(3)]);
}

/** The number of entries that each window averages, along one axis. */
function countsAlong(size: number, i: number, geometry: Geometry, padding: boolean): number[] {
  const { kernel, strides, dilations, pads, beyond } = geometry;
  const [before, after] = pads[i];
  const whole = size + before + after;
  const windows = Math.floor((whole + beyond[i] - dilations[i] * (kernel[i] - 1) - 1) / strides[i]) + 1;
  const [first, end] = padding ? [0, whole] : [before, before + size];
  return Array.from({ length: windows }, (_, window) => {
    let count = 0;
    for (let k = 0; k < kernel[i]; k++) {
      const at = window * strides[i] + k * dilations[i];
      if (at >= first && at < end) count += 1;
    }
    return count;
  });
}

/** The mean over windows of x, as a node's attributes describe them. */
export function averagePoolOf(call: NodeCall, x: Tensor): Tensor {
  const sizes = spatial(call, x);
  const geometry = geometryOf(call, sizes, call.ints("kernel_shape") ?? []);
  const { kernel, strides, dilations, pads, beyond } = geometry;
  const plain = [...pads.flat(), ...beyond].every((n) => n === 0) && dilations.every((d) => d === 1);
  if (plain) return averagePool(x, { size: kernel, strides });
  const withPadding = call.int("count_include_pad", 0) === 1;
  const counts = sizes.map((size, i) => countsAlong(size, i, geometry, withPadding));
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const shaped = counts.map((list, i) =>
    constantFrom(
      dtype,
      list,
      counts.map((other, j) => (i === j ? other.length : 1)),
    ),
  );
  return div(windowSums(x, geometry), shaped.reduce(mul));
}

/** The p-norm over windows. */
const lpPooled: Operator = (call) => {
  const p = call.int("p", 2);
  const x = call.input(0);
  const geometry = geometryOf(call, spatial(call, x), call.ints("kernel_shape") ?? []);
  return pow(windowSums(pow(abs(x), p), geometry), 1 / p);
};

const overSpace =
  (reduce: (x: Tensor, axes: readonly number[], call: NodeCall) => Tensor): Operator =>
  (call) => {
    const x = call.input(0);
    const axes = x.shape.slice(2).map((_, i) => i + 2);
    return reduce(x, axes, call);
  };

export const windows: Readonly<Record<string, Operator>> = {
  AveragePool: (call) => averagePoolOf(call, call.input(0)),
  Col2Im: columnsToImage,
  Conv: conv,
  ConvInteger: convInteger,
  ConvTranspose: convTranspose,
  GlobalAveragePool: overSpace((x, axes) => mean(x, { axes, keepDims: true })),
  GlobalLpPool: overSpace((x, axes, call) => {
    const p = call.int("p", 2);
    return pow(sum(pow(abs(x), p), { axes, keepDims: true }), 1 / p);
  }),
  GlobalMaxPool: overSpace((x, axes) => max(x, { axes, keepDims: true })),
  LpPool: lpPooled,
  MaxPool: maxPooled,
  MaxUnpool: maxUnpooled,
};
