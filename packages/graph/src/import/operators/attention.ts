import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { lessEqual } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { range } from "../../ops/range.ts";
import { where } from "../../ops/select.ts";
import { expandDims, reshape, transpose } from "../../ops/shape.ts";
import { slice, split } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { tanh } from "../../ops/unary.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { Operator } from "../node-call.ts";
import { gatherAlong } from "./axes.ts";

/** Large enough to leave nothing of an exponential, small enough to leave no NaN in a row that is masked as a whole. */
const MASKED = -1e30;

/** [batch, length, heads size] as [batch, heads, length, size]. */
function heads(x: Tensor, count: number): Tensor {
  const [batch, length, width] = x.shape;
  return transpose(reshape(x, [batch, length, count, Number(width) / count]), [0, 2, 1, 3]);
}

function joined(x: Tensor): Tensor {
  const [batch, count, length, size] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, Number(count) * Number(size)]);
}

interface Scores {
  readonly scale: number;
  readonly bias?: Tensor;
  readonly causal: boolean;
  readonly softcap: number;
}

/** softmax(scale Q K' + bias) V, and the scores before the softmax. */
function attend(q: Tensor, k: Tensor, v: Tensor, { scale, bias, causal, softcap }: Scores) {
  const [rows, columns] = [q.shape.at(-2) ?? 1, k.shape.at(-2) ?? 1];
  // The root on both sides, as the definition has it, keeps the products small.
  const root = Math.sqrt(scale);
  const products = matmul(mul(q, root), matrixTranspose(mul(k, root)));
  const capped = softcap > 0 ? mul(tanh(div(products, softcap)), softcap) : products;
  const biased = bias ? add(capped, bias) : capped;
  const allowed = causal && lessEqual(range(columns), expandDims(range(rows), -1));
  const scores = allowed ? where(allowed, biased, MASKED) : biased;
  return { products, scores, y: matmul(softmax(scores, { axis: -1 }), v) };
}

/** Keys and values of grouped queries are repeated for the heads that share them. */
function repeatedHeads(x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const [batch, count, length, size] = x.shape;
  const each = broadcastTo(expandDims(x, 2), [batch, count, times, length, size]);
  return reshape(each, [batch, Number(count) * times, length, size]);
}

/** Attention of operator set 23. */
const attention: Operator = (call) => {
  if (call.outputs > 3) return call.refuse("the output qk_matmul_output is not supported");
  const flat = call.input(0).shape.length === 3;
  const [q, k, v] = [0, 1, 2].map((i) => {
    const x = call.input(i);
    if (!flat) return x;
    const name = i === 0 ? "q_num_heads" : "kv_num_heads";
    return heads(x, call.int(name) ?? call.refuse(`attribute ${name} is missing`));
  });
  const mask = call.optional(3);
  const [pastKey, pastValue] = [call.optional(4), call.optional(5)];
  const keys = pastKey ? concat([pastKey, k], { axis: 2 }) : k;
  const values = pastValue ? concat([pastValue, v], { axis: 2 }) : v;
  const groups = Number(q.shape[1]) / Number(k.shape[1]);
  const size = Number(q.shape.at(-1));
  const bias =
    mask && (mask.dtype === "bool" ? where(mask, broadcastTo(scalar(0, q.dtype), mask.shape), MASKED) : mask);
  const { y } = attend(q, repeatedHeads(keys, groups), repeatedHeads(values, groups), {
    scale: call.float("scale", 1 / Math.sqrt(size)),
    bias,
    causal: call.int("is_causal", 0) === 1,
    softcap: call.float("softcap", 0),
  });
  return [flat ? joined(y) : y, keys, values];
};

/** Attention with one product for queries, keys and values, as ONNX Runtime's optimizer writes it. */
export const fusedAttention: Operator = (call) => {
  if (call.has(4)) return call.refuse("past keys and values are not supported");
  const [x, weights] = [call.input(0), call.input(1)];
  const bias = call.optional(2);
  const count = call.int("num_heads") ?? call.refuse("attribute num_heads is missing");
  const all = matmul(x, weights);
  const [q, k, v] = split(bias ? add(all, bias) : all, 3, { axis: -1 }).map((t) => heads(t, count));
  const mask = call.optional(3);
  if (mask && mask.shape.length !== 2) return call.refuse("only a mask [batch, length] is supported");
  const added = mask && where(lessEqual(mask, 0), scalar(MASKED, x.dtype), 0);
  const { y } = attend(q, k, v, {
    scale: call.float("scale", 0) || 1 / Math.sqrt(Number(q.shape.at(-1))),
    bias: added && expandDims(added, [1, 2]),
    causal: call.int("unidirectional", 0) === 1,
    softcap: 0,
  });
  return joined(y);
};

/** Rotates pairs of features by angles of their positions (Su et al. 2021). */
const rotaryEmbedding: Operator = (call) => {
  const given = call.input(0);
  const flat = given.shape.length === 3;
  const x = flat
    ? heads(given, call.int("num_heads") ?? call.refuse("attribute num_heads is missing"))
    : given;
  const positions = call.optional(3);
  const size = Number(x.shape.at(-1));
  const rotated = call.int("rotary_embedding_dim", 0) || size;
  const half = rotated / 2;
  const table = (index: number) => {
    const t = call.input(index);
    const rows = positions ? gatherAlong(t, positions, 0) : t;
    return expandDims(slice(rows, { axis: -1, end: half }), 1);
  };
  const [cos, sin] = [table(1), table(2)];
  const part = slice(x, { axis: -1, end: rotated });
  const rest = slice(x, { axis: -1, start: rotated });
  const interleaved = call.int("interleaved", 0) === 1;
  const pick = (i: number) =>
    interleaved
      ? slice(part, { axis: -1, start: i, step: 2 })
      : slice(part, { axis: -1, start: i * half, end: (i + 1) * half });
  const [a, b] = [pick(0), pick(1)];
  const [real, imaginary] = [sub(mul(cos, a), mul(sin, b)), add(mul(sin, a), mul(cos, b))];
  const turned = interleaved
    ? reshape(concat([expandDims(real, -1), expandDims(imaginary, -1)], { axis: -1 }), part.shape)
    : concat([real, imaginary], { axis: -1 });
  const y = rotated === size ? turned : concat([turned, rest], { axis: -1 });
  return flat ? joined(y) : y;
};

/** Attention of queries, keys and values [batch, length, heads size], as ONNX Runtime's optimizer writes it. */
export const multiHeadAttention: Operator = (call) => {
  if (call.outputs > 1 || [4, 6, 7].some((i) => call.has(i)))
    return call.refuse("masks of padding and past keys and values are not supported");
  const count = call.int("num_heads") ?? call.refuse("attribute num_heads is missing");
  const bias = call.optional(3);
  const given = [0, 1, 2].map((i) => call.input(i));
  if (given.some(({ shape }) => shape.length !== 3))
    return call.refuse("only queries, keys and values [batch, length, width] are supported");
  const biases = bias
    ? split(
        bias,
        given.map(({ shape }) => Number(shape[2])),
        { axis: 0 },
      )
    : [];
  const [q, k, v] = given.map((x, i) => heads(biases[i] ? add(x, biases[i]) : x, count));
  const { y } = attend(q, k, v, {
    scale: call.float("scale", 0) || 1 / Math.sqrt(Number(q.shape.at(-1))),
    bias: call.optional(5),
    causal: call.int("unidirectional", 0) === 1,
    softcap: 0,
  });
  return joined(y);
};

export const attentionOperators: Readonly<Record<string, Operator>> = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};
