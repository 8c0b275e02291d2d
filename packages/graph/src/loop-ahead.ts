import { dependents } from "./dependence.ts";
import { type LoopAttributes, loopNode, loopOp } from "./loop.ts";
import { add, binaryOps, mul } from "./ops/arithmetic.ts";
import { concatOp } from "./ops/concat.ts";
import { gather } from "./ops/indexing.ts";
import { range } from "./ops/range.ts";
import { castOp } from "./ops/select.ts";
import { reshapeOp } from "./ops/shape.ts";
import { sliceOp } from "./ops/slice.ts";
import { unaryOps } from "./ops/unary.ts";
import { isStatic, sizeOfShape } from "./shape.ts";
import { apply, type Op, reachable, scalarValue, type Tensor } from "./tensor.ts";

/** Operations that give an entry the same bits alone and among others, which exp and cos do not. */
const exact: ReadonlySet<Op> = new Set<Op>([
  ...[binaryOps.add, binaryOps.sub, binaryOps.mul, binaryOps.div, unaryOps.neg, unaryOps.square],
  ...([castOp, concatOp, reshapeOp, sliceOp] as Op[]),
]);
/** With more entries in an iteration, all iterations at once take memory. */
const MOST_ENTRIES = 64;
/** Entries of all iterations together that are computed ahead of a loop: 32 MiB in float64. */
const MOST_AHEAD = 2 ** 22;
/** Iterations that a named length counts as, for their memory. */
const ASSUMED_ITERATIONS = 2 ** 12;
/** Reading an entry takes as long as a node or two. */
const LEAST_DEPTH = 3;

/** By what a number grows in an iteration; undefined unless it is a constant, exact as a number. */
function growth(next: Tensor, state: Tensor): number | undefined {
  if (state.dtype !== "i64" || state.shape.length > 0 || next.op !== binaryOps.add) return undefined;
  const [a, b] = next.inputs;
  if (a !== state && b !== state) return undefined;
  const step = scalarValue(a === state ? b : a);
  return Number.isSafeInteger(step) ? step : undefined;
}

/** What a loop computes from its iteration number alone, and the same as the iteration's entry of a tensor of them all. */
function readings({ inputs: [, ...first], attributes }: Tensor): (readonly [Tensor, Tensor])[] {
  const { parameters, carried, stacked, length } = attributes as LoopAttributes;
  const [iteration, ...states] = parameters;
  const nodes = dependents([...carried, ...stacked], parameters);
  const numbers = range(length);
  /** For each tensor known ahead, its values in all iterations; they are made of nothing but inputs and constants. */
  const known = new Map<Tensor, Tensor>([[iteration, numbers]]);
  states.forEach((state, j) => {
    const step = growth(carried[j], state);
    if (step !== undefined && first[j].inputs.length === 0)
      known.set(state, add(first[j], mul(numbers, step)));
  });
  const depths = new Map<Tensor, number>();
  let entries = 0;
  for (const node of nodes) {
    const { op, inputs, attributes, shape } = node;
    if (!exact.has(op) || !isStatic(shape) || sizeOfShape(shape) > MOST_ENTRIES) continue;
    const ahead = inputs.map((t) => known.has(t));
    if (!inputs.every((t, i) => ahead[i] || (t.inputs.length === 0 && !parameters.includes(t)))) continue;
    const all = inputs.map((t) => known.get(t) ?? t);
    known.set(node, op.vmap!(all, ahead, attributes, length));
    entries += sizeOfShape(shape);
    depths.set(node, 1 + Math.max(...inputs.map((t) => depths.get(t) ?? 0)));
  }
  if (entries * (typeof length === "number" ? length : ASSUMED_ITERATIONS) > MOST_AHEAD) return [];
  const used = new Set([...carried, ...stacked]);
  for (const node of nodes) if (!depths.has(node)) for (const t of node.inputs) used.add(t);
  return [...depths]
    .filter(([node, depth]) => depth >= LEAST_DEPTH && used.has(node))
    .map(([node]) => [node, gather(known.get(node)!, iteration)]);
}

/**
 * The same outputs from loops that read what follows from the iteration number alone, such as the keys of a draw of noise
 * or a schedule's argument, where they computed it in each iteration: it is computed for all iterations at once, before
 * the loop, with the same bits.
 */
export function aheadOfLoops(outputs: readonly Tensor[]): readonly Tensor[] {
  const nodes = reachable(outputs);
  const known = new Map(nodes.filter(({ op }) => op === loopOp).flatMap(readings));
  if (known.size === 0) return outputs;
  const replaced = (t: Tensor) => known.get(t) ?? t;
  for (const node of nodes) {
    if (known.has(node)) continue;
    const inputs = node.inputs.map(replaced);
    if (node.op === loopOp) {
      const { parameters, carried, stacked, length } = node.attributes as LoopAttributes;
      const body = { parameters, carried: carried.map(replaced), stacked: stacked.map(replaced), length };
      known.set(node, loopNode(inputs, body));
    } else if (node.inputs.some((t) => known.has(t)))
      known.set(node, apply(node.op, inputs, node.attributes));
  }
  return outputs.map(replaced);
}
