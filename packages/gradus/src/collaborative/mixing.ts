import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { checkGivenOptions } from "../check/options.ts";
import type { MaybePromise } from "../objectives/objective.ts";
import type { MixingRule, Received, WeightedRule } from "./aggregate/rule.ts";
import type { FaultyModels } from "./attack/contract.ts";
import type { Geometry } from "./geometry.ts";
import { innerProduct, isFiniteVector, rowsOf, type Vector, zerosAs } from "./vector.ts";

/**
 * Computes sum_j weights[i, j] rows_j for all i, row-major, in the precision of the rows: the operation for which
 * there may be a faster implementation than JavaScript.
 */
export type Combine = (rows: readonly Vector[], weights: Float64Array) => MaybePromise<Vector>;

/** Combinations of the rows in JavaScript, summed in float64, four rows at a time. */
export function combineOnHost(rows: readonly Vector[], weights: Float64Array): Vector {
  const count = rows.length;
  const d = rows[0].length;
  const mixed = zerosAs(rows[0], (weights.length / count) * d);
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
  return mixed;
}

/** Everything that is sent in one round, and who receives it. */
export interface Round {
  readonly rule: MixingRule;
  readonly faulty: number;
  readonly geometry: Geometry;
  readonly sent: FaultyModels;
  /** For each honest node, the nodes whose models reach it too late. */
  readonly late: readonly Int32Array[];
  readonly combine?: Combine;
}

/** The distinct models of a round: the honest ones, then each finite faulty one once. */
interface Pool {
  readonly models: readonly Vector[];
  readonly honest: number;
  /** Index of each faulty node's model; -1 where it is not finite. */
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

/** Inner products of all models of a pool minus the honest mean, and squared norms of the models. */
function poolGram({ models }: Pool, geometry: Geometry): Pick<Received, "gram" | "squaredNorms"> {
  const { honest, mean, gram: honestGram } = geometry;
  const h = honest.length;
  const size = models.length;
  if (size === h) return geometry;
  const gram = new Float64Array(size * size);
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
  });
  let squaredNorms: Float64Array | undefined;
  return {
    gram,
    get squaredNorms() {
      squaredNorms ??= Float64Array.from([
        ...geometry.squaredNorms,
        ...models.slice(h).map((model) => innerProduct(model, model)),
      ]);
      return squaredNorms;
    },
  };
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
  // A node that sent an invalid model is known to be faulty: one fewer of the remaining models can be.
  return { models: models.subarray(0, count), own, rejected, faulty: Math.max(0, faulty - rejected) };
}

/** How far the sum of a rule's weights may be from 1, and a weight below 0: rounding, in single precision too. */
const WEIGHT_TOLERANCE = 1e-5;

/**
 * @throws ArgumentError when a rule left a weight unwritten, one is negative (the models would move apart), or they do
 * not sum to 1
 */
function checkWeights({ name }: WeightedRule, gram: Float64Array, weights: Float64Array): void {
  let sum = 0;
  let least = 0;
  for (let a = 0; a < weights.length; a++) {
    sum += weights[a];
    if (weights[a] < least) least = weights[a];
  }
  // squared distances of models that diverge overflow, of which no rule can make weights
  if ((Math.abs(sum - 1) <= WEIGHT_TOLERANCE && least >= -WEIGHT_TOLERANCE) || !isFiniteVector(gram)) return;
  const bad = weights.findIndex((weight) => !Number.isFinite(weight) || weight < -WEIGHT_TOLERANCE);
  const found = bad < 0 ? `weights that sum to ${sum}` : `${weights[bad]} at index ${bad}`;
  throw new ArgumentError(
    `mixing rule "${name}" must write ${weights.length} weights >= 0 that sum to 1 into the array that it gets, before it returns; got ${found}`,
  );
}

/** @throws ArgumentError when a rule goes on after it returned: what it then writes comes too late, or nowhere */
function checkReturned({ name }: MixingRule, returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  returned.catch(() => {}); // this error stands for what it throws
  throw new ArgumentError(`mixing rule "${name}" must mix before it returns, got a promise`);
}

/** The weights with which each receiver combines the models of the pool. */
function weightsOf(
  rule: WeightedRule,
  pool: Pool,
  geometry: Geometry,
  received: readonly Pick<Received, "models" | "own" | "faulty">[],
): Float64Array<ArrayBuffer> {
  const size = pool.models.length;
  const products = poolGram(pool, geometry);
  const weights = new Float64Array(received.length * size);
  const own = new Float64Array(pool.honest + pool.places.length);
  received.forEach((one, r) => {
    const { models } = one;
    const written = own.subarray(0, models.length).fill(Number.NaN);
    checkReturned(
      rule,
      rule.weights(
        {
          gram: products.gram,
          get squaredNorms() {
            return products.squaredNorms;
          },
          size,
          ...one,
        },
        written,
      ),
    );
    checkWeights(rule, products.gram, written);
    for (let a = 0; a < models.length; a++) weights[r * size + models[a]] += own[a];
  });
  return weights;
}

/** The result of a round. */
export interface Mixed {
  /** The mixed models, h x d, row-major, and views of the rows. */
  readonly mixed: Vector;
  readonly rows: readonly Vector[];
  /** Models discarded because they were not finite, summed over all honest nodes. */
  readonly rejected: number;
}

/**
 * One round of mixing for all honest nodes at once.
 *
 * @throws ArgumentError when the rule does not write weights >= 0 that sum to 1, or the mixed models
 * @throws ConvergenceError when an honest model is not finite
 */
export async function mixRound(options: Round): Promise<Mixed> {
  checkGivenOptions("mixRound", options, ["rule", "faulty", "geometry", "sent", "late", "combine"]);
  const { rule, faulty, geometry, sent, late, combine = combineOnHost } = options;
  const { honest } = geometry;
  const d = honest[0].length;
  let rejected = 0;
  const each = typeof sent === "function";
  const everyone = [...honest.keys()];
  const parts: Vector[] = [];
  for (const group of each ? everyone.map((i) => [i]) : [everyone]) {
    const pool = poolOf(honest, each ? sent(group[0]) : sent);
    // If nothing is late, all nodes received the same models.
    const shared = group.every((i) => late[i].length === 0)
      ? receivedBy(0, pool, late[0], faulty)
      : undefined;
    const received = group.map((i) => {
      const one = shared ? { ...shared, own: i } : receivedBy(i, pool, late[i], faulty);
      rejected += one.rejected;
      return one;
    });
    if (rule.kind === "coordinate-wise") {
      const part = zerosAs(honest[0], group.length * d).fill(Number.NaN);
      const rows = rowsOf(part, d);
      const receivers = received.map((one, r) => ({ ...one, mixed: rows[r] }));
      checkReturned(rule, rule.mixAll(pool.models, receivers));
      const k = isFiniteVector(part) ? -1 : part.findIndex(Number.isNaN);
      if (k >= 0)
        throw new ArgumentError(
          `mixing rule "${rule.name}" must write ${d} numbers into each receiver's mixed, before mixAll returns; got NaN at index ${k % d}`,
        );
      parts.push(part);
    } else parts.push(await combine(pool.models, weightsOf(rule, pool, geometry, received)));
  }
  const mixed = parts.length === 1 ? parts[0] : zerosAs(honest[0], honest.length * d);
  if (parts.length > 1)
    parts.forEach((part, i) => {
      mixed.set(part, i * d);
    });
  return { mixed, rows: rowsOf(mixed, d), rejected };
}

/** @throws ConvergenceError naming the node and the step at which its own model is not finite */
export function requireFiniteModels(models: readonly Vector[], step: number): void {
  models.forEach((model, i) => {
    if (!isFiniteVector(model))
      throw new ConvergenceError(
        `node ${i}'s own model is not finite at step ${step}: the learning rate or an attack made it diverge`,
      );
  });
}
