import { dependents, usedBy } from "./dependence.ts";
import { evaluated } from "./dimension-polynomials.ts";
import type { DType } from "./dtype.ts";
import { type LoopAttributes, loopNode, loopOp } from "./loop.ts";
import { add, binaryOps, mul } from "./ops/arithmetic.ts";
import { broadcastToOp } from "./ops/broadcast.ts";
import { concatOp } from "./ops/concat.ts";
import { gather, gatherOp } from "./ops/indexing.ts";
import { range } from "./ops/range.ts";
import { floorOp } from "./ops/rounding.ts";
import { castOp } from "./ops/select.ts";
import { reshapeOp } from "./ops/shape.ts";
import { sliceOp } from "./ops/slice.ts";
import { unaryOps } from "./ops/unary.ts";
import type { Shape } from "./shape.ts";
import { apply, type Op, reachable, scalarValue, type Tensor } from "./tensor.ts";

/** The size that a named dimension usually has, if known. */
export type KnownSizes = (name: string) => number | undefined;

/** Operations that give an entry the same bits alone and among others. */
const exact: ReadonlySet<Op> = new Set<Op>([
  ...[binaryOps.add, binaryOps.sub, binaryOps.mul, binaryOps.div],
  ...[unaryOps.neg, unaryOps.square, unaryOps.abs, unaryOps.sqrt],
  ...([broadcastToOp, castOp, concatOp, floorOp, gatherOp, reshapeOp, sliceOp] as Op[]),
]);
/** Operations that compute a packet of neighboring entries at once, and what is left over with other bits. */
const inPackets: ReadonlySet<Op> = new Set<Op>([unaryOps.log, unaryOps.sin, unaryOps.cos]);
/** A multiple of the entries of every packet. */
const PACKET = 16;
const BYTES: Readonly<Record<DType, number>> = { bool: 1, f32: 4, f64: 8, i64: 8 };
/** So many entries of an iteration are computed ahead of any loop. */
const FEW_ENTRIES = 64;
/** Bytes of all iterations together of one tensor with more entries: as many as a core's cache holds. */
const MOST_CACHED = 2 ** 21;
/** Entries of all iterations together of all tensors with few entries: 32 MiB in float64. */
const MOST_AHEAD = 2 ** 22;
/** Iterations that a named length of unknown size counts as, for their memory. */
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

/** The number of entries of a shape, if known. */
function count(shape: Shape, sizes: KnownSizes): number | undefined {
  let entries = 1;
  for (const dimension of shape) {
    const size = evaluated(dimension, sizes);
    if (size === undefined) return undefined;
    entries *= size;
  }
  return entries;
}

/** The tensors that are made of nothing but the program's inputs and constants, outside of all loops. */
function outsideLoops(nodes: readonly Tensor[]): ReadonlySet<Tensor> {
  const inside = new Set<Tensor>();
  for (const { op, attributes } of nodes)
    if (op === loopOp)
      for (const parameter of (attributes as LoopAttributes).parameters) inside.add(parameter);
  for (const node of nodes)
    if (node.op === loopOp || usedBy(node).some((t) => inside.has(t))) inside.add(node);
  return new Set(nodes.filter((node) => !inside.has(node)));
}

/** The entries of a tensor in an iteration, if that few in each of so many iterations are computed ahead of the loop. */
function entriesAhead(
  { shape, dtype }: Tensor,
  iterations: number | undefined,
  sizes: KnownSizes,
): number | undefined {
  const entries = count(shape, sizes);
  if (entries === undefined || entries <= FEW_ENTRIES) return entries;
  return iterations !== undefined && entries * iterations * BYTES[dtype] <= MOST_CACHED ? entries : undefined;
}

/**
 * What a loop computes from its iteration number and from what no iteration changes, and the same as the iteration's entry
 * of a tensor of them all.
 *
 * @param outside what is computed outside of all loops
 */
function readings(
  { inputs: [, ...first], attributes }: Tensor,
  outside: ReadonlySet<Tensor>,
  sizes: KnownSizes,
): (readonly [Tensor, Tensor])[] {
  const { parameters, carried, stacked, length } = attributes as LoopAttributes;
  const [iteration, ...states] = parameters;
  const nodes = dependents([...carried, ...stacked], parameters);
  const numbers = range(length);
  const iterations = evaluated(length, sizes);
  /** For each tensor known ahead, its values in all iterations; they are made of nothing but inputs and constants. */
  const known = new Map<Tensor, Tensor>([[iteration, numbers]]);
  states.forEach((state, j) => {
    const step = growth(carried[j], state);
    if (step !== undefined && first[j].inputs.length === 0)
      known.set(state, add(first[j], mul(numbers, step)));
  });
  const isFixed = (t: Tensor) => outside.has(t) || (t.inputs.length === 0 && !parameters.includes(t));
  const depths = new Map<Tensor, number>();
  let few = 0;
  for (const node of nodes) {
    const { op, inputs, attributes } = node;
    const entries = entriesAhead(node, iterations, sizes);
    if (entries === undefined) continue;
    if (!exact.has(op) && !(inPackets.has(op) && entries % PACKET === 0)) continue;
    const ahead = inputs.map((t) => known.has(t));
    if (!inputs.every((t, i) => ahead[i] || isFixed(t)) || (op === gatherOp && ahead[0])) continue;
    const all = inputs.map((t) => known.get(t) ?? t);
    known.set(node, op.vmap!(all, ahead, attributes, length));
    if (entries <= FEW_ENTRIES) few += entries;
    depths.set(node, 1 + Math.max(...inputs.map((t) => depths.get(t) ?? 0)));
  }
  if (few * (iterations ?? ASSUMED_ITERATIONS) > MOST_AHEAD) return [];
  const used = new Set([...carried, ...stacked]);
  for (const node of nodes) if (!depths.has(node)) for (const t of node.inputs) used.add(t);
  return [...depths]
    .filter(([node, depth]) => depth >= LEAST_DEPTH && used.has(node))
    .map(([node]) => [node, gather(known.get(node)!, iteration)]);
}

/**
 * The same outputs from loops that read what follows from the iteration number and from what no iteration changes, such as
 * noise, a batch's rows or a schedule's argument, where they computed it in each iteration: it is computed for all
 * iterations at once, before the loop, with the same bits. Of more entries than a few this is done where the sizes are
 * known and all iterations fit into a cache.
 *
 * @param sizes the sizes that named dimensions usually have
 */
export function aheadOfLoops(outputs: readonly Tensor[], sizes: KnownSizes): readonly Tensor[] {
  const nodes = reachable(outputs);
  const loops = nodes.filter(({ op }) => op === loopOp);
  if (loops.length === 0) return outputs;
  const outside = outsideLoops(nodes);
  const known = new Map(loops.flatMap((loop) => readings(loop, outside, sizes)));
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
