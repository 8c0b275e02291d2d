import type { Tensor, TracedProgram } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";

const bytes = { f32: 4, f64: 8, i64: 8, bool: 1 } as const;

/** Bytes of a program's intermediate results: fixed + rows byRow + vectors byVector + rows vectors byBoth. */
export interface MemoryNeed {
  readonly fixed: number;
  readonly byRow: number;
  readonly byVector: number;
  readonly byBoth: number;
}

/** All nodes on which the outputs depend, including the bodies of loops. */
function nodesOf(outputs: readonly Tensor[]): Set<Tensor> {
  const seen = new Set<Tensor>();
  const stack = [...outputs];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push(...node.inputs, ...(node.op.predecessors?.(node.attributes) ?? []));
  }
  return seen;
}

/**
 * The size of a traced program's intermediate results as if none were freed before its end: an upper bound on the
 * runtime's peak memory for them.
 *
 * @param rows name of the dimension of a batch's rows
 * @param vectors name of the dimension of the vectors multiplied at once
 */
export function memoryNeed({ inputs, outputs }: TracedProgram, rows: string, vectors: string): MemoryNeed {
  const need = { fixed: 0, byRow: 0, byVector: 0, byBoth: 0 };
  const given = new Set(inputs.map(({ tensor }) => tensor));
  for (const node of nodesOf(outputs.map(({ tensor }) => tensor))) {
    if (given.has(node)) continue;
    let size: number = bytes[node.dtype];
    for (const dimension of node.shape) if (typeof dimension === "number") size *= dimension;
    const [hasRows, hasVectors] = [node.shape.includes(rows), node.shape.includes(vectors)];
    need[hasRows ? (hasVectors ? "byBoth" : "byRow") : hasVectors ? "byVector" : "fixed"] += size;
  }
  return need;
}

/** Most vectors in one call: above this the fixed cost of a call is negligible. */
const MOST_VECTORS = 64;

/**
 * The largest batch of rows that fits with one vector, then the most vectors that fit with that batch.
 *
 * @throws ArgumentError when one row and one vector do not fit, naming the bytes that they need
 */
export function fitToMemory(
  { fixed, byRow, byVector, byBoth }: MemoryNeed,
  limit: number,
  rows: number,
): { readonly rows: number; readonly vectors: number } {
  if (limit !== Number.POSITIVE_INFINITY) checkPositive({ memoryLimit: limit });
  const least = fixed + byRow + byVector + byBoth;
  if (least > limit)
    throw new ArgumentError(`memoryLimit must be at least ${least} bytes, the need of one row, got ${limit}`);
  const fit = (room: number, each: number, most: number): number =>
    each === 0 ? most : Math.min(most, Math.floor(room / each));
  const batch = fit(limit - fixed - byVector, byRow + byBoth, rows);
  const vectors = fit(limit - fixed - batch * byRow, byVector + batch * byBoth, MOST_VECTORS);
  return { rows: batch, vectors: Math.max(1, vectors) };
}
