import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { greater, lessEqual } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { range } from "../../ops/range.ts";
import { max } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { expandDims, reshape, transpose } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { tanh } from "../../ops/unary.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { Operator } from "../node-call.ts";
import { gatherAlong } from "./axes.ts";

/** Large enough to leave nothing of an exponential, small enough to leave no NaN in a row that is masked as a whole. */
export const MASKED = -1e30;

/** [batch, length, heads size] as [batch, heads, length, size]. */
export function heads(x: Tensor, count: number): Tensor {
  const [batch, length, width] = x.shape;
  return transpose(reshape(x, [batch, length, count, Number(width) / count]), [0, 2, 1, 3]);
}

export function joined(x: Tensor): Tensor {
  const [batch, count, length, size] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, Number(count) * Number(size)]);
}

interface Scores {
  readonly scale: number;
  readonly bias?: Tensor;
  readonly causal: boolean;
  readonly softcap: number;
}

/** softmax(scale Q K' + bias) V, and what it is computed from. */
export function attend(q: Tensor, k: Tensor, v: Tensor, { scale, bias, causal, softcap }: Scores) {
  const [rows, columns] = [q.shape.at(-2) ?? 1, k.shape.at(-2) ?? 1];
  // The root on both sides, as the definition has it, keeps the products small.
  const root = Math.sqrt(scale);
  const products = matmul(mul(q, root), matrixTranspose(mul(k, root)));
  const capped = softcap > 0 ? mul(tanh(div(products, softcap)), softcap) : products;
  const biased = bias ? add(capped, bias) : capped;
  const allowed = causal && lessEqual(range(columns), expandDims(range(rows), -1));
  const scores = allowed ? where(allowed, biased, MASKED) : biased;
  const weights = softmax(scores, { axis: -1 });
  return { products, capped, scores, weights, y: matmul(weights, v) };
}

/** Keys and values of grouped queries are repeated for the heads that share them. */
export function repeatedHeads(x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const [batch, count, length, size] = x.shape;
  const each = broadcastTo(expandDims(x, 2), [batch, count, times, length, size]);
  return reshape(each, [batch, Number(count) * times, length, size]);
}

/** The smallest float32: what ONNX Runtime shows as the score of a key that is masked. */
const LOWEST = -3.4028234663852886e38;

/** What the output qk_matmul_output shows in each mode of ONNX Runtime's kernel. */
const shownScores: readonly ((parts: ReturnType<typeof attend>) => Tensor)[] = [
  ({ products }) => products,
  ({ capped }) => capped,
  ({ scores }) => where(lessEqual(scores, MASKED / 2), scalar(LOWEST, scores.dtype), scores),
  ({ weights }) => weights,
];

/** Attention of operator set 23. */
const attention: Operator = (call) => {
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
  const seen = mask?.dtype === "bool" ? mask : undefined;
  const bias = seen
    ? where(seen, broadcastTo(scalar(0, q.dtype), seen.shape), MASKED)
    : mask && cast(mask, q.dtype);
  const parts = attend(q, repeatedHeads(keys, groups), repeatedHeads(values, groups), {
    scale: call.float("scale", 1 / Math.sqrt(size)),
    bias,
    causal: call.int("is_causal", 0) === 1,
    softcap: call.float("softcap", 0),
  });
  // ONNX Runtime gives zeros for a query that sees no key.
  const any = seen && greater(max(cast(seen, "i64"), { axes: [-1], keepDims: true }), 0);
  const orZero = (t: Tensor) => (any ? where(any, t, scalar(0, t.dtype)) : t);
  const shown = orZero(parts.y);
  const mode = call.int("qk_matmul_output_mode", 0);
  const scoresOf = shownScores[mode] ?? call.refuse(`qk_matmul_output_mode is ${mode}, not 0, 1, 2 or 3`);
  return [flat ? joined(shown) : shown, keys, values, scoresOf({ ...parts, weights: orZero(parts.weights) })];
};

interface Rotation {
  /** [batch or 1, length, half the features that are rotated or more] */
  readonly cos: Tensor;
  readonly sin: Tensor;
  /** The number of features that are rotated; the others stay as they are. */
  readonly rotated: number;
  /** Whether pairs are features side by side, rather than one of each half. */
  readonly interleaved: boolean;
}

/** Rotates pairs of features of heads [batch, heads, length, size] by angles of their positions (Su et al. 2021). */
export function rotate(x: Tensor, { cos, sin, rotated, interleaved }: Rotation): Tensor {
  const half = rotated / 2;
  const table = (t: Tensor) => expandDims(slice(t, { axis: -1, end: half }), 1);
  const part = slice(x, { axis: -1, end: rotated });
  const rest = slice(x, { axis: -1, start: rotated });
  const pick = (i: number) =>
    interleaved
      ? slice(part, { axis: -1, start: i, step: 2 })
      : slice(part, { axis: -1, start: i * half, end: (i + 1) * half });
  const [a, b] = [pick(0), pick(1)];
  const [c, s] = [table(cos), table(sin)];
  const [real, imaginary] = [sub(mul(c, a), mul(s, b)), add(mul(s, a), mul(c, b))];
  const turned = interleaved
    ? reshape(concat([expandDims(real, -1), expandDims(imaginary, -1)], { axis: -1 }), part.shape)
    : concat([real, imaginary], { axis: -1 });
  return rotated === Number(x.shape.at(-1)) ? turned : concat([turned, rest], { axis: -1 });
}

const rotaryEmbedding: Operator = (call) => {
  const given = call.input(0);
  const flat = given.shape.length === 3;
  const x = flat
    ? heads(given, call.int("num_heads") ?? call.refuse("attribute num_heads is missing"))
    : given;
  const positions = call.optional(3);
  const table = (index: number) =>
    positions ? gatherAlong(call.input(index), positions, 0) : call.input(index);
  const y = rotate(x, {
    cos: table(1),
    sin: table(2),
    rotated: call.int("rotary_embedding_dim", 0) || Number(x.shape.at(-1)),
    interleaved: call.int("interleaved", 0) === 1,
  });
  return flat ? joined(y) : y;
};

export const attentionOperators: Readonly<Record<string, Operator>> = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};
