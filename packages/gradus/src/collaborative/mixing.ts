import { ConvergenceError } from "../errors.ts";
import type { MixingRule, Receiver } from "./aggregate/rule.ts";
import type { FaultyModels } from "./attack/contract.ts";
import { combination, type Geometry } from "./geometry.ts";
import { innerProduct, isFiniteVector, rowsOf, type Vector, zerosAs } from "./vector.ts";

/** sum_j weights[i, j] rows_j for all i at once: what may be computed faster than in JavaScript. */
export type Combine = (rows: readonly Vector[], weights: Float64Array, mixed: Vector) => void | Promise<void>;

/** Combinations of the rows, one after the other. */
export function combineOnHost(rows: readonly Vector[], weights: Float64Array, mixed: Vector): void {
  rowsOf(mixed, rows[0].length).forEach((row, i) => {
    row.set(combination(rows, weights.subarray(i * rows.length, (i + 1) * rows.length)));
  });
}

/** All that is sent in one round, and who gets it. */
export interface Round {
  readonly rule: MixingRule;
  readonly faulty: number;
  readonly geometry: Geometry;
  readonly sent: FaultyModels;
  /** For each honest node the nodes whose models come too late for it. */
  readonly late: readonly Int32Array[];
  readonly combine?: Combine;
}

/** The models of a round: the honest ones, then each faulty one that is finite, once. */
interface Pool {
  readonly models: readonly Vector[];
  /** Place of each faulty node's model; -1 where it is not finite. */
  readonly places: Int32Array;
}

function poolOf(honest: readonly Vector[], faulty: readonly Vector[]): Pool {
  const models = [...honest];
  const known = new Map<Vector, number>();
  const places = Int32Array.from(faulty, (model) => {
    const before = known.get(model);
    if (before !== undefined) return before;
    const place = isFiniteVector(model) ? models.push(model) - 1 : -1;
    known.set(model, place);
    return place;
  });
  return { models, places };
}

/** Inner products of all models of a pool minus the honest mean, and their squared norms. */
function poolGram({ models }: Pool, geometry: Geometry): { gram: Float64Array; squaredNorms: Float64Array } {
  const { honest, mean, gram: honestGram } = geometry;
  const h = honest.length;
  const size = models.length;
  if (size === h) return { gram: honestGram, squaredNorms: geometry.squaredNorms };
  const gram = new Float64Array(size * size);
  const squaredNorms = new Float64Array(size);
  squaredNorms.set(geometry.squaredNorms);
  for (let i = 0; i < h; i++) gram.set(honestGram.subarray(i * h, (i + 1) * h), i * size);
  const extra = models.slice(h).map((model) => Float64Array.from(model, (value, k) => value - mean[k]));
  extra.forEach((centered, a) => {
    geometry.products(centered).forEach((product, i) => {
      gram[i * size + h + a] = product;
      gram[(h + a) * size + i] = product;
    });
    extra.forEach((other, b) => {
      gram[(h + a) * size + h + b] = innerProduct(centered, other);
    });
    squaredNorms[h + a] = innerProduct(models[h + a], models[h + a]);
  });
  return { gram, squaredNorms };
}

/** Which models of the pool an honest node received, in the order of the nodes. */
function receivedBy(node: number, { models, places }: Pool, late: Int32Array, faulty: number) {
  const honest = models.length - new Set(places.filter((place) => place >= 0)).size;
  const received: number[] = [];
  let rejected = 0;
  let own = 0;
  for (let sender = 0; sender < honest + places.length; sender++) {
    if (late.includes(sender)) continue;
    if (sender === node) own = received.length;
    const place = sender < honest ? sender : places[sender - honest];
    if (place < 0) rejected += 1;
    else received.push(place);
  }
  // A sender of garbage has given itself away: one faulty model fewer among those that are left.
  return { models: Int32Array.from(received), own, rejected, faulty: Math.max(0, faulty - rejected) };
}

/**
 * One round of mixing for all honest nodes at once.
 *
 * @returns the mixed models, h x d, row-major, and how many models that were not finite were thrown away
 * @throws ConvergenceError when an honest model is not finite
 */
export async function mixRound({
  rule,
  faulty,
  geometry,
  sent,
  late,
  combine = combineOnHost,
}: Round): Promise<{ readonly mixed: Vector; readonly rejected: number }> {
  const { honest } = geometry;
  const h = honest.length;
  const d = honest[0].length;
  const mixed = zerosAs(honest[0], h * d);
  const rows = rowsOf(mixed, d);
  let rejected = 0;
  const each = typeof sent === "function";
  const groups = each ? rows.map((_, i) => [i]) : [[...rows.keys()]];
  for (const group of groups) {
    const pool = poolOf(honest, each ? sent(group[0]) : sent);
    const receivers: Receiver[] = group.map((i) => {
      const received = receivedBy(i, pool, late[i], faulty);
      rejected += received.rejected;
      return { ...received, mixed: rows[i] };
    });
    if (rule.kind === "coordinate-wise") {
      rule.mixAll(pool.models, receivers);
      continue;
    }
    const size = pool.models.length;
    const products = poolGram(pool, geometry);
    const weights = new Float64Array(group.length * size);
    receivers.forEach((receiver, r) => {
      const own = new Float64Array(receiver.models.length);
      rule.weights({ ...products, size, ...receiver }, own);
      receiver.models.forEach((place, a) => {
        weights[r * size + place] += own[a];
      });
    });
    await combine(pool.models, weights, each ? rows[group[0]] : mixed);
  }
  return { mixed, rejected };
}

/** @throws ConvergenceError naming the node and the step at which its own model is not finite */
export function requireFiniteModels(models: readonly Vector[], step: number): void {
  models.forEach((model, i) => {
    if (!isFiniteVector(model))
      throw new ConvergenceError(
        `node ${i}'s own model is not finite at step ${step}: the learning rate or an attack has blown it up`,
      );
  });
}
