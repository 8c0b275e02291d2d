import { areEqual } from "../../dimension-polynomials.ts";
import { takeAlong } from "../../ops/along.ts";
import { add, div, maximum, minimum, mul, sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { and, greater, less, lessEqual } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { range } from "../../ops/range.ts";
import { where } from "../../ops/select.ts";
import { expandDims, reshape, size } from "../../ops/shape.ts";
import { slice, split } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { tanh } from "../../ops/unary.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { dimensionsOf } from "../values.ts";
import { heads, joined, MASKED, repeatedHeads, rotate } from "./attention.ts";
import { gatherAlong } from "./axes.ts";
import { countOf } from "./fused-attention.ts";

/** Queries, keys and values of heads, packed in one tensor or not. */
function operands(call: NodeCall): { readonly q: Tensor; readonly k: Tensor; readonly v: Tensor } {
  const count = countOf(call);
  const shared = call.int("kv_num_heads") ?? call.refuse("attribute kv_num_heads is missing");
  const width = Number(call.input(0).shape.at(-1)) / (count + 2 * shared);
  const [q, k, v] = call.has(1)
    ? [0, 1, 2].map((i) => call.input(i))
    : split(call.input(0), [count * width, shared * width, shared * width], { axis: -1 });
  return { q: heads(q, count), k: heads(k, shared), v: heads(v, shared) };
}

/** Where queries and keys are, as positions from the beginning of each row's sequence. */
interface Positions {
  /** [batch, queries] */
  readonly queries: Tensor;
  /** [batch, keys]; keys are those from before, then those of the queries. */
  readonly keys: Tensor;
  /** Which keys there are, [batch, keys]. */
  readonly present: Tensor;
  /** How many keys of a row are from before, [batch, 1]. */
  readonly earlier: Tensor;
}

/** A row has as many keys from before as its length, of which input 5 is one less, leaves beside its queries. */
function positionsOf(call: NodeCall, k: Tensor, past: Tensor | undefined): Positions {
  const [batch, , length] = k.shape;
  const last = reshape(call.input(5), [batch, 1]);
  const before = past ? past.shape[2] : 0;
  const own = expandDims(range(length), 0);
  const left = maximum(sub(add(last, 1), size([length], "i64")), 0);
  const earlier = past ? minimum(left, size([before], "i64")) : mul(last, 0);
  const queries = add(earlier, own);
  if (!past) return { queries, keys: queries, present: lessEqual(queries, queries), earlier };
  const kept = broadcastTo(expandDims(range(before), 0), [batch, before]);
  const all = lessEqual(queries, queries);
  return {
    queries,
    keys: concat([kept, queries], { axis: 1 }),
    present: concat([less(kept, earlier), all], { axis: 1 }),
    earlier,
  };
}

/** Keys or values from before and new ones in the order of their positions; after a row's end they mean nothing. */
function inOrder(past: Tensor | undefined, x: Tensor, { earlier }: Positions): Tensor {
  if (!past) return x;
  const all = concat([past, x], { axis: 2 });
  const length = all.shape[2];
  const at = expandDims(range(length), 0);
  const shifted = add(sub(at, earlier), size([past.shape[2]], "i64"));
  const places = where(less(at, earlier), at, minimum(shifted, sub(size([length], "i64"), 1)));
  return takeAlong(all, broadcastTo(expandDims(places, [1, 3]), all.shape), { axis: 2 });
}

/** The softmax of scores beside one more of each head, of which only its share of the sum is kept. */
function softmaxBeside(scores: Tensor, sink: Tensor): Tensor {
  const beside = broadcastTo(reshape(sink, [1, -1, 1, 1]), [...scores.shape.slice(0, 3), 1]);
  return slice(softmax(concat([beside, scores], { axis: -1 }), { axis: -1 }), { axis: -1, start: 1 });
}

/**
 * Attention of groups of queries that share keys and values, with rotary positions and keys and values kept from before,
 * as small language models have it (Ainslie et al. 2023).
 */
export const groupedQueryAttention: Operator = (call) => {
  if (call.has(12) || call.has(13)) return call.refuse("quantized keys and values are not supported");
  if (call.node.outputs[3]) return call.refuse("the output qk is not supported");
  const [pastKey, pastValue] = [call.optional(3), call.optional(4)];
  const { q, k, v } = operands(call);
  const positions = positionsOf(call, k, pastKey);
  const bias = call.optional(10);
  if (bias && pastKey) return call.refuse("a bias beside keys from before is not supported");
  const turned = call.int("do_rotary", 0) === 1;
  const angles = turned ? (call.optional(9) ?? positions.queries) : undefined;
  const turn = (x: Tensor) => {
    if (!angles) return x;
    const [cos, sin] = [7, 8].map((i) => gatherAlong(call.input(i), angles, 0));
    const rotated = 2 * Number(cos.shape.at(-1));
    return rotate(x, { cos, sin, rotated, interleaved: call.int("rotary_interleaved", 0) === 1 });
  };
  const key = turn(k);
  const keys = pastKey ? concat([pastKey, key], { axis: 2 }) : key;
  const values = pastValue ? concat([pastValue, v], { axis: 2 }) : v;
  const [total] = (call.has(6) && dimensionsOf(call.value(6))) || [undefined];
  if (total !== undefined && areEqual(total, keys.shape[2]) === false)
    return call.refuse(
      `past keys and values in a buffer of more than the ${total} of the sequence are not supported`,
    );
  const groups = Number(q.shape[1]) / Number(k.shape[1]);
  const scale = call.float("scale", 0) || 1 / Math.sqrt(Number(q.shape[3]));
  const products = mul(matmul(turn(q), matrixTranspose(repeatedHeads(keys, groups))), scale);
  const softcap = call.float("softcap", 0);
  const capped = softcap > 0 ? mul(tanh(div(products, softcap)), softcap) : products;
  const biased = bias ? add(capped, bias) : capped;
  // Each query against each key, [batch, 1, queries, keys].
  const own = expandDims(positions.queries, [1, 3]);
  const other = expandDims(positions.keys, [1, 2]);
  const earlierOnes = and(lessEqual(other, own), expandDims(positions.present, [1, 2]));
  const window = call.int("local_window_size", -1);
  const seen = window > 0 ? and(earlierOnes, greater(other, sub(own, window))) : earlierOnes;
  const scores = where(seen, biased, scalar(MASKED, biased.dtype));
  const sink =
    call.optional(11) ?? (call.int("smooth_softmax", 0) === 1 ? scalar(0, scores.dtype) : undefined);
  const shares = sink ? softmaxBeside(scores, sink) : softmax(scores, { axis: -1 });
  const y = joined(matmul(shares, repeatedHeads(values, groups)));
  return [y, inOrder(pastKey, key, positions), inOrder(pastValue, v, positions)];
};

/** Rotary positions of queries or keys, in the order of inputs that ONNX Runtime's own operator has. */
export const rotaryEmbedding: Operator = (call) => {
  if (call.int("is_packed_batching", 0) === 1) return call.refuse("packed batches are not supported");
  const given = call.input(0);
  const positions = call.input(1);
  const [cosTable, sinTable] = [call.input(2), call.input(3)];
  const flat = given.shape.length === 3;
  const full = 2 * Number(cosTable.shape[1]);
  const count = call.int("num_heads", 0) || Number(given.shape.at(-1)) / full;
  const x = flat ? heads(given, count) : given;
  // A single position is that of the first entry.
  const first = positions.shape.length === 1;
  const places = first ? expandDims(add(positions, range(x.shape[2])), 0) : positions;
  const y = rotate(x, {
    cos: gatherAlong(cosTable, places, 0),
    sin: gatherAlong(sinTable, places, 0),
    rotated: call.int("rotary_embedding_dim", 0) || full,
    interleaved: call.int("interleaved", 0) === 1,
  });
  const scaled = mul(y, call.float("scale", 1));
  return flat ? joined(scaled) : scaled;
};
