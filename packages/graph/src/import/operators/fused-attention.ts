import { add, sub } from "../../ops/arithmetic.ts";
import { and, greaterEqual, less, lessEqual } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { matmul } from "../../ops/matmul.ts";
import { range } from "../../ops/range.ts";
import { max } from "../../ops/reduce.ts";
import { where } from "../../ops/select.ts";
import { expandDims, reshape } from "../../ops/shape.ts";
import { split } from "../../ops/slice.ts";
import { type Dimension, sameShape } from "../../shape.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { attend, heads, joined, MASKED } from "./attention.ts";

/** Which keys each query may see, [batch or 1, heads or 1, queries or 1, keys], as the input says it. */
function allowedBy(call: NodeCall, mask: Tensor, batch: Dimension, keys: Dimension): Tensor {
  const { shape } = mask;
  const places = range(keys);
  switch (shape.length) {
    case 1: {
      // The number of keys of each row, or the ends of the rows followed by their beginnings.
      if (sameShape(shape, [batch])) return expandDims(less(places, expandDims(mask, -1)), [1, 2]);
      if (typeof batch === "number" && shape[0] === 2 * batch) {
        const [ends, starts] = split(mask, 2, { axis: 0 }).map((t) => expandDims(t, -1));
        return expandDims(and(less(places, ends), greaterEqual(places, starts)), [1, 2]);
      }
      return call.refuse("a mask of one axis must have the length of each row, or their ends and beginnings");
    }
    case 2:
      return expandDims(greaterEqual(mask, 1), [1, 2]);
    case 3:
      return expandDims(greaterEqual(mask, 1), 1);
    default:
      return call.refuse("only masks [batch], [batch, keys] and [batch, queries, keys] are supported");
  }
}

/** Which keys each of the last queries may see if none may see later ones: [queries, keys]. */
function before(queries: Dimension, keys: Dimension): Tensor {
  const [rows, columns] = [range(queries), range(keys)];
  const seen = sub(max(columns), max(rows));
  return lessEqual(columns, expandDims(add(rows, seen), -1));
}

interface Operands {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly mask?: Tensor;
  readonly bias?: Tensor;
}

/** softmax(scale Q K' + mask + bias) V of heads, as [batch, queries, width]. */
function weighed(call: NodeCall, { q, k, v, mask, bias }: Operands): Tensor {
  const [batch, , queries, size] = q.shape;
  const keys = k.shape[2];
  const hidden = scalar(call.float("mask_filter_value", -10000), q.dtype);
  const filter = mask && where(allowedBy(call, mask, batch, keys), 0, hidden);
  const causal =
    call.int("unidirectional", 0) === 1
      ? where(before(queries, keys), 0, scalar(MASKED, q.dtype))
      : undefined;
  const summands = [filter, causal, bias].filter((t) => t !== undefined);
  const { y } = attend(q, k, v, {
    scale: call.float("scale", 0) || 1 / Math.sqrt(Number(size)),
    bias: summands.length > 0 ? summands.reduce((a, b) => add(a, b)) : undefined,
    causal: false,
    softcap: 0,
  });
  return joined(y);
}

export const countOf = (call: NodeCall) =>
  call.int("num_heads") ?? call.refuse("attribute num_heads is missing");

/** Attention with one product for queries, keys and values, as ONNX Runtime's optimizer writes it. */
export const fusedAttention: Operator = (call) => {
  if (call.has(6) || call.int("do_rotary", 0) === 1)
    return call.refuse("rotary embeddings and past values in a shared buffer are not supported");
  const [x, weights] = [call.input(0), call.input(1)];
  const bias = call.optional(2);
  const all = matmul(x, weights);
  const biased = bias ? add(all, bias) : all;
  const sizes = call.ints("qkv_hidden_sizes");
  const [q, k, v] = split(biased, sizes?.length ? sizes : 3, { axis: -1 }).map((t) =>
    heads(t, countOf(call)),
  );
  // Past keys and values are one tensor [2, batch, heads, length, size].
  const past = call.optional(4);
  const earlier = past && split(past, 2, { axis: 0 }).map((t) => reshape(t, t.shape.slice(1)));
  const [keys, values] = earlier ? [k, v].map((t, i) => concat([earlier[i], t], { axis: 2 })) : [k, v];
  const y = weighed(call, { q, k: keys, v: values, mask: call.optional(3), bias: call.optional(5) });
  if (call.outputs < 2) return y;
  return [y, concat([expandDims(keys, 0), expandDims(values, 0)], { axis: 0 })];
};

/** Tensors [batch, length, width] of which heads [batch, length, heads, count, size] are made, one after another. */
function unpacked(x: Tensor): Tensor[] {
  const [batch, length, count, parts, size] = x.shape;
  return split(x, Number(parts), { axis: 3 }).map((t) =>
    reshape(t, [batch, length, Number(count) * Number(size)]),
  );
}

/** Queries, keys and values of heads; keys and values may be packed, with the queries too, or kept from before as heads. */
function operands(call: NodeCall): readonly Tensor[] {
  const all = [0, 1, 2].flatMap((i) => {
    const x = call.optional(i);
    if (!x) return [];
    return x.shape.length === 5 ? unpacked(x) : [x];
  });
  if (all.length !== 3)
    return call.refuse("queries, keys and values must be three tensors, or packed in one");
  const count = countOf(call);
  const bias = call.optional(3);
  const widths = all.map(({ shape }) => Number(shape[shape.length - 1]) * (shape.length === 4 ? count : 1));
  const biases = bias && split(bias, widths, { axis: 0 });
  // What is kept from before has its bias already.
  return all.map((x, i) => (x.shape.length === 4 ? x : heads(biases ? add(x, biases[i]) : x, count)));
}

/** Attention of queries, keys and values, as ONNX Runtime's optimizer writes it. */
export const multiHeadAttention: Operator = (call) => {
  if (call.outputs > 3 || [8, 9].some((i) => call.has(i)))
    return call.refuse("a shared buffer of past values, beams and the output qk are not supported");
  const [q, k, v] = operands(call);
  const [pastKey, pastValue] = [call.optional(6), call.optional(7)];
  const keys = pastKey ? concat([pastKey, k], { axis: 2 }) : k;
  const values = pastValue ? concat([pastValue, v], { axis: 2 }) : v;
  return [
    weighed(call, { q, k: keys, v: values, mask: call.optional(4), bias: call.optional(5) }),
    keys,
    values,
  ];
};
