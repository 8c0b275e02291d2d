import { concat, stack } from "../../ops/concat.ts";
import { squeeze } from "../../ops/shape.ts";
import { slice, split } from "../../ops/slice.ts";
import { formatShape } from "../../shape.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom, isSequence, type Sequence } from "../values.ts";

function sequenceOf(call: NodeCall): readonly Tensor[] {
  const value = call.value(0);
  return isSequence(value) ? value.items : call.refuse("input 0 is not a sequence");
}

const sequence = (items: readonly Tensor[]): Sequence => ({ items });

/** A known place in a list, counted from the end if negative. */
function placeIn(call: NodeCall, index: number, count: number, fallback?: number): number {
  const given = call.has(index) ? call.numbers(index)?.[0] : fallback;
  if (given === undefined) return call.refuse("the position is missing");
  const place = given < 0 ? given + count : given;
  if (place < 0 || place > count) return call.refuse(`position ${given} is not in a sequence of ${count}`);
  return place;
}

const at: Operator = (call) => {
  const items = sequenceOf(call);
  return items[placeIn(call, 1, items.length)] ?? call.refuse("the position is after the last tensor");
};

const insert: Operator = (call) => {
  const items = sequenceOf(call);
  return sequence(items.toSpliced(placeIn(call, 2, items.length, items.length), 0, call.input(1)));
};

const erase: Operator = (call) => {
  const items = sequenceOf(call);
  return sequence(items.toSpliced(placeIn(call, 1, items.length, items.length - 1), 1));
};

/** Parts of known sizes; without them, single entries, whose axis may be dropped. */
const splitToSequence: Operator = (call) => {
  const x = call.input(0);
  const axis = call.int("axis", 0);
  const size = x.shape.at(axis);
  if (typeof size !== "number") return call.refuse(`axis ${axis} of ${formatShape(x.shape)} must be known`);
  const given = call.known(1);
  if (!given) {
    const single = Array.from({ length: call.bounded(size, "the number of parts") }, (_, i) =>
      slice(x, { axis, start: i, end: i + 1 }),
    );
    return sequence(call.int("keepdims", 1) === 1 ? single : single.map((t) => squeeze(t, axis)));
  }
  const sizes = call.numbers(1) ?? [];
  const [each] = sizes;
  if (given.shape.length > 0) return sequence(split(x, sizes, { axis }));
  if (!(each > 0)) return call.refuse(`the size of a part is ${each}`);
  const count = Math.ceil(size / each);
  const parts = Array.from({ length: count }, (_, i) => Math.min(each, size - i * each));
  return sequence(split(x, parts, { axis }));
};

const joined: Operator = (call) => {
  const items = sequenceOf(call);
  const axis = call.int("axis", 0);
  return call.int("new_axis", 0) === 1 ? stack(items, { axis }) : concat(items, { axis });
};

/** Lists of tensors, of which every length and position is known while a model is imported, and optional values. */
export const sequences: Readonly<Record<string, Operator>> = {
  ConcatFromSequence: joined,
  Optional: (call) => call.value(0),
  OptionalGetElement: (call) => call.value(0),
  OptionalHasElement: (call) => scalar(call.has(0) ? 1 : 0, "bool"),
  SequenceAt: at,
  SequenceConstruct: (call) => sequence(call.inputs),
  SequenceEmpty: () => sequence([]),
  SequenceErase: erase,
  SequenceInsert: insert,
  SequenceLength: (call) => constantFrom("i64", [sequenceOf(call).length], []),
  SplitToSequence: splitToSequence,
};
