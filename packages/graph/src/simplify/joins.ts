import { binaryOps } from "../ops/arithmetic.ts";
import { type ConcatAttributes, concatOp } from "../ops/concat.ts";
import { type PadAttributes, padOp } from "../ops/pad.ts";
import { reshapeOp, transposeOp } from "../ops/shape.ts";
import { type SliceAttributes, sliceOp } from "../ops/slice.ts";
import { isStatic, type Shape, sameShape, sizeOfShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Rule, Rules } from "./rule.ts";

/** A tensor among zeros along one axis. */
interface Placed {
  readonly part: Tensor;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

function placed(tensor: Tensor): Placed | undefined {
  if (tensor.op !== padOp || !isStatic(tensor.shape)) return undefined;
  const { before, after, value } = tensor.attributes as PadAttributes;
  const axes = before.flatMap((n, axis) => (n === 0 && after[axis] === 0 ? [] : [axis]));
  const [axis] = axes;
  if (axes.length !== 1 || value !== 0 || before[axis] < 0 || after[axis] < 0) return undefined;
  return { part: tensor.inputs[0], axis, start: before[axis], end: tensor.shape[axis] - after[axis] };
}

const partsOf = (tensor: Tensor, axis: number): readonly Tensor[] =>
  tensor.op === concatOp && (tensor.attributes as ConcatAttributes).axis === axis ? tensor.inputs : [tensor];

/** Tensors among zeros that meet: their sum is both of them joined. */
const ofNeighbors: Rule = ([a, b], _, type, make) => {
  const [x, y] = [placed(a), placed(b)];
  if (!x || !y || x.axis !== y.axis || !sameShape(a.shape, b.shape)) return undefined;
  const [first, second] = x.start < y.start ? [x, y] : [y, x];
  if (first.end !== second.start) return undefined;
  const { axis } = x;
  const joined = make(concatOp, [...partsOf(first.part, axis), ...partsOf(second.part, axis)], { axis });
  if (sameShape(joined.shape, type.shape)) return joined;
  const none = type.shape.map(() => 0);
  const after = Number(type.shape[axis]) - second.end;
  return make(padOp, [joined], {
    before: none.with(axis, first.start),
    after: none.with(axis, after),
    value: 0,
  });
};

/**
 * A range along an axis of one shape as a range along an axis of another one, in row-major order: that axis, and the
 * entries there for a number of entries along the given one, which need not be whole.
 */
function alongOther(from: Shape, axis: number, to: Shape) {
  if (!isStatic(from) || !isStatic(to)) return undefined;
  const outer = sizeOfShape(from.slice(0, axis));
  const other = to.findIndex((size, i) => size !== 1 && sizeOfShape(to.slice(0, i)) === outer);
  if (other < 0) return undefined;
  const scale = sizeOfShape(from.slice(axis + 1)) / sizeOfShape(to.slice(other + 1));
  return { axis: other, entriesOf: (entries: number) => entries * scale };
}

/** Whether the dimensions that are not 1 stay in order. */
function keepsOrder(shape: Shape, permutation: readonly number[]): boolean {
  const moved = permutation.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || moved[i - 1] < axis);
}

const permutationOf = (attributes: unknown) =>
  (attributes as { readonly permutation: readonly number[] }).permutation;

/** A transpose that only moves dimensions of 1 is a reshape. */
const inOrder: Rule = ([x], attributes, { shape }, make) =>
  isStatic(shape) && keepsOrder(x.shape, permutationOf(attributes))
    ? make(reshapeOp, [x], { shape })
    : undefined;

/** Parts that a transpose only reshapes are joined along another axis instead. */
const transposedParts: Rule = ([x], attributes, _, make) => {
  const joined = x.op === reshapeOp ? x.inputs[0] : x;
  if (joined.op !== concatOp) return undefined;
  const own = (joined.attributes as ConcatAttributes).axis;
  const along = alongOther(joined.shape, own, x.shape);
  if (!along) return undefined;
  const permutation = permutationOf(attributes);
  const shapes = joined.inputs.map((part) =>
    x.shape.with(along.axis, along.entriesOf(Number(part.shape[own]))),
  );
  if (!shapes.every((shape) => Number.isInteger(shape[along.axis]) && keepsOrder(shape, permutation)))
    return undefined;
  const parts = joined.inputs.map((part, i) =>
    make(reshapeOp, [part], { shape: permutation.map((axis) => shapes[i][axis]) }),
  );
  return make(concatOp, parts, { axis: permutation.indexOf(along.axis) });
};

/** A range of a transpose whose entries are in order already is taken before it. */
const beforeTranspose: Rule = ([x], attributes, { shape }, make) => {
  const { axes, starts, steps, lengths } = attributes as SliceAttributes;
  const transposed = x.op === reshapeOp ? x.inputs[0] : x;
  if (transposed.op !== transposeOp || axes.length !== 1 || steps[0] !== 1) return undefined;
  const along = alongOther(x.shape, axes[0], transposed.shape);
  if (!along) return undefined;
  const [start, length] = [starts[0], lengths[0]].map(along.entriesOf);
  if (!Number.isInteger(start) || !Number.isInteger(length)) return undefined;
  const permutation = permutationOf(transposed.attributes);
  const axis = permutation[along.axis];
  const [source] = transposed.inputs;
  if (!keepsOrder(source.shape.with(axis, length), permutation)) return undefined;
  const range = { axes: [axis], starts: [start], steps: [1], lengths: [length] };
  return make(reshapeOp, [make(sliceOp, [source], range)], { shape });
};

/**
 * What derivatives of slices add up, and the shapes around it: attention takes queries, keys and values from one product
 * and joins their cotangents to one.
 */
export const joinRules: Rules = [
  [binaryOps.add, [ofNeighbors]],
  [transposeOp, [inOrder, transposedParts]],
  [sliceOp, [beforeTranspose]],
];
