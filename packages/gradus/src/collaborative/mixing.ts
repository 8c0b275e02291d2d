import { ConvergenceError } from "../errors.ts";
import type { MixingRule, Receiver } from "./aggregate/rule.ts";
import type { FaultyModels } from "./attack/contract.ts";
import type { Geometry } from "./geometry.ts";
import { innerProduct, isFiniteVector, rowsOf, type Vector, zerosAs } from "./vector.ts";

/** sum_j weights[i, j] rows_j for all i at once: what may be computed faster than in JavaScript. */
export type Combine = (rows: readonly Vector[], weights: Float64Array, mixed: Vector) => void | Promise<void>;

/** Combinations of the rows in JavaScript, summed in float64, four rows at a time. */
export function combineOnHost(rows: readonly Vector[], weights: Float64Array, mixed: Vector): void {
  const count = rows.length;
  const d = rows[0].length;
  const flat = new Float64Array(count * d);
  rows.forEach((row, j) => {
    flat.set(row, j * d);
  });
  const used = new Int32Array(count + 3);
  const sums = new Float64Array(d);
  for (let i = 0; i * count < weights.length; i++) {
    let uses = 0;
    for (let j = 0; j < count; j++) if (weights[i * count + j] !== 0) used[uses++] = j;
    sums.fill(0);
    for (let u = 0; u < uses; u += 4) {
      const [a, b, c, e] = [used[u], used[u + 1], used[u + 2], used[u + 3]];
      const wa = weights[i * count + a];
      const wb = u + 1 < uses ? weights[i * count + b] : 0;
      const wc = u + 2 < uses ? weights[i * count + c] : 0;
      const we = u + 3 < uses ? weights[i * count + e] : 0;
      const [pa, pb, pc, pe] = [a * d, b * d, c * d, e * d];
      for (let k = 0; k < d; k++)
        sums[k] += wa * flat[pa + k] + wb * flat[pb + k] + wc * flat[pc + k] + we * flat[pe + k];
    }
    mixed.set(sums, i * d);
  }
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
  readonly honest: number;
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
  return { models, honest: honest.length, places };
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
  const extra = models.slice(h).map((model) => {
    const centered = new Float64Array(model);
    for (let k = 0; k < centered.length; k++) centered[k] -= mean[k];
    return centered;
  });
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
function receivedBy(node: number, { honest, places }: Pool, late: Int32Array, faulty: number) {
  const total = honest + places.length;
  const there = new Uint8Array(total).fill(1);
  for (let k = 0; k < late.length; k++) there[late[k]] = 0;
  const models = new Int32Array(total - late.length);
  let [count, rejected, own] = [0, 0, 0];
  for (let sender = 0; sender < total; sender++) {
    if (there[sender] === 0) continue;
    if (sender === node) own = count;
    const place = sender < honest ? sender : places[sender - honest];
    if (place < 0) rejected += 1;
    else models[count++] = place;
  }
  // A sender of garbage has given itself away: one faulty model fewer among those that are left.
  return { models: models.subarray(0, count), own, rejected, faulty: Math.max(0, faulty - rejected) };
}

/** What a round leaves. */
export interface Mixed {
  /** The mixed models, h x d, row-major, and its rows. */
  readonly mixed: Vector;
  readonly rows: readonly Vector[];
  /** How many models that were not finite were thrown away, over all honest nodes. */
  readonly rejected: number;
}

/**
 * One round of mixing for all honest nodes at once.
 *
 * @throws ConvergenceError when an honest model is not finite
 */
export async function mixRound({
  rule,
  faulty,
  geometry,
  sent,
  late,
  combine = combineOnHost,
}: Round): Promise<Mixed> {
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
    // Where everything arrives, all nodes received the same.
    const shared = group.every((i) => late[i].length === 0)
      ? receivedBy(0, pool, late[0], faulty)
      : undefined;
    const receivers: Receiver[] = group.map((i) => {
      const received = shared
        ? { models: shared.models, own: i, rejected: shared.rejected, faulty: shared.faulty }
        : receivedBy(i, pool, late[i], faulty);
      rejected += received.rejected;
      return { models: received.models, own: received.own, faulty: received.faulty, mixed: rows[i] };
    });
    if (rule.kind === "coordinate-wise") {
      rule.mixAll(pool.models, receivers);
      continue;
    }
    const size = pool.models.length;
    const { gram, squaredNorms } = poolGram(pool, geometry);
    const weights = new Float64Array(group.length * size);
    const own = new Float64Array(pool.honest + pool.places.length);
    for (let r = 0; r < receivers.length; r++) {
      const { models, own: place, faulty: liars } = receivers[r];
      rule.weights(
        { gram, squaredNorms, size, models, own: place, faulty: liars },
        own.subarray(0, models.length),
      );
      for (let a = 0; a < models.length; a++) weights[r * size + models[a]] += own[a];
    }
    await combine(pool.models, weights, each ? rows[group[0]] : mixed);
  }
  return { mixed, rows, rejected };
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
