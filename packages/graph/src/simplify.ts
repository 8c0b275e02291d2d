import { type LoopAttributes, loopNode, loopOp } from "./loop.ts";
import { aheadOfLoops, type KnownSizes } from "./loop-ahead.ts";
import { withoutUnusedResults } from "./loop-pruning.ts";
import { binaryOps } from "./ops/arithmetic.ts";
import { arithmeticRules } from "./simplify/arithmetic.ts";
import { broadcastingRules } from "./simplify/broadcasting.ts";
import { composedRowRules } from "./simplify/composed-rows.ts";
import { joinRules } from "./simplify/joins.ts";
import { outerProductRules } from "./simplify/outer-products.ts";
import { productRules } from "./simplify/products.ts";
import { reductionRules } from "./simplify/reductions.ts";
import type { Make, Rule } from "./simplify/rule.ts";
import { shapeRules } from "./simplify/shapes.ts";
import { sigmoidRules } from "./simplify/sigmoid.ts";
import { signRules } from "./simplify/signs.ts";
import {
  apply,
  type ConstantAttributes,
  constantOp,
  inputOp,
  type Op,
  reachable,
  type Tensor,
} from "./tensor.ts";

const { add, mul, maximum, minimum } = binaryOps;
const commutative: ReadonlySet<Op> = new Set<Op>([add, mul, maximum, minimum]);

/** The families of rules, in the order in which they are tried. */
const families = [
  shapeRules,
  arithmeticRules,
  signRules,
  broadcastingRules,
  sigmoidRules,
  productRules,
  reductionRules,
  outerProductRules,
  joinRules,
  composedRowRules,
];

const rules = new Map<Op, Rule[]>();
for (const [op, own] of families.flat()) rules.set(op, [...(rules.get(op) ?? []), ...own]);

function keyOf(op: Op, inputs: readonly Tensor[], attributes: unknown, type: Tensor): string | undefined {
  if (op === inputOp) return undefined;
  const order = inputs.map((t) => t.id);
  if (commutative.has(op)) order.sort((a, b) => a - b);
  const ids = order.join(",");
  if (op !== constantOp) return `${op.name}(${ids})${JSON.stringify(attributes)}`;
  const { data, label = "" } = attributes as ConstantAttributes;
  return data.length <= 16
    ? `constant ${label} ${type.dtype}[${type.shape}]${data.join(",")}/${signs(data)}`
    : undefined;
}

/** Tells 0 from -0. */
function signs(data: ConstantAttributes["data"]): string {
  return data instanceof BigInt64Array
    ? ""
    : Array.from(data, (v) => (Object.is(v, -0) ? "-" : "+")).join("");
}

/**
 * The same outputs from fewer nodes: equal subexpressions become one node, and algebraic rules that change no finite
 * result by more than rounding remove redundant work from tracing and differentiation. (0 times x becomes 0 even if x
 * could be infinite.)
 *
 * @param sizes the sizes that named dimensions usually have
 */
export function simplify(outputs: readonly Tensor[], sizes: KnownSizes = () => undefined): Tensor[] {
  const known = new Map<string, Tensor>();
  const make: Make = (op, inputs, attributes) => {
    const type = apply(op, inputs, attributes);
    const key = keyOf(op, inputs, attributes, type);
    const same = key === undefined ? undefined : known.get(key);
    if (same) return same;
    for (const rule of rules.get(op) ?? []) {
      const other = rule(inputs, attributes, type, make);
      if (!other) continue;
      const result = other.op === constantOp ? make(constantOp, [], other.attributes) : other;
      if (key !== undefined) known.set(key, result);
      return result;
    }
    if (key !== undefined) known.set(key, type);
    return type;
  };
  const replacement = new Map<Tensor, Tensor>();
  const replaced = (t: Tensor) => replacement.get(t)!;
  const used = aheadOfLoops(withoutUnusedResults(outputs), sizes);
  for (const tensor of reachable(used)) {
    if (tensor.op === inputOp) replacement.set(tensor, tensor);
    else if (tensor.op === loopOp) {
      const { parameters, carried, stacked, length } = tensor.attributes as LoopAttributes;
      const body = { parameters, carried: carried.map(replaced), stacked: stacked.map(replaced), length };
      replacement.set(tensor, loopNode(tensor.inputs.map(replaced), body));
    } else replacement.set(tensor, make(tensor.op, tensor.inputs.map(replaced), tensor.attributes));
  }
  return used.map(replaced);
}
