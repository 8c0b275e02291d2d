import type { Received, WeightedRule } from "../aggregate/rule.ts";
import type { Geometry } from "../geometry.ts";
import { innerProduct } from "../vector.ts";
import type { AttackContext } from "./contract.ts";

/**
 * The squared distance by which a weighted rule moves from the honest mean when the faulty nodes send
 * mean + z direction and everything arrives, as a function of z. It needs only inner products: no model is formed.
 */
function weightedDisplacement(
  rule: WeightedRule,
  geometry: Geometry,
  direction: Float64Array,
  faulty: number,
  pivots: readonly number[],
): (z: number) => number {
  const { gram, honest } = geometry;
  const h = honest.length;
  const along = geometry.products(direction);
  const square = innerProduct(direction, direction);
  const owners = rule.ownMatters ? pivots : pivots.slice(0, 1);
  const totals = new Float64Array(h + 1);
  const addWeights = rule.totalsBeside
    ? fromDistances(rule.totalsBeside({ gram, count: h }, faulty, owners), geometry, along, square, owners)
    : fromGram(rule, geometry, { direction, along, square }, faulty, owners);
  return (z) => {
    addWeights(z, totals);
    // First the honest models' inner products, then the Byzantine model's share.
    let sum = 0;
    let cross = 0;
    for (let i = 0; i < h; i++) {
      const weight = totals[i];
      cross += weight * along[i];
      let product = 0;
      for (let j = 0; j < h; j++) product += totals[j] * gram[i * h + j];
      sum += weight * product;
    }
    const byzantine = totals[h] * z;
    return (sum + 2 * byzantine * cross + byzantine * byzantine * square) / owners.length ** 2;
  };
}

/** Sums the nodes' weights from their distances to the Byzantine model only. */
function fromDistances(
  totalsOf: (squaredDistances: Float64Array, totals: Float64Array) => void,
  { gram, honest }: Geometry,
  along: Float64Array,
  square: number,
  owners: readonly number[],
): (z: number, totals: Float64Array) => void {
  const distances = new Float64Array(owners.length);
  return (z, totals) => {
    owners.forEach((i, at) => {
      distances[at] = gram[i * (honest.length + 1)] - 2 * z * along[i] + z * z * square;
    });
    totalsOf(distances, totals);
  };
}

/** Sums the nodes' weights from the inner products of all models, including the Byzantine one. */
function fromGram(
  rule: WeightedRule,
  geometry: Geometry,
  { direction, along, square }: { direction: Float64Array; along: Float64Array; square: number },
  faulty: number,
  owners: readonly number[],
): (z: number, totals: Float64Array) => void {
  const { gram: honestGram, mean, honest } = geometry;
  const h = honest.length;
  const size = h + 1;
  const [meanSquare, meanAlong] = [innerProduct(mean, mean), innerProduct(mean, direction)];
  const gram = new Float64Array(size * size);
  for (let i = 0; i < h; i++) gram.set(honestGram.subarray(i * h, (i + 1) * h), i * size);
  const squaredNorms = new Float64Array(size);
  squaredNorms.set(geometry.squaredNorms);
  const models = Int32Array.from({ length: h + faulty }, (_, a) => Math.min(a, h));
  const weights = new Float64Array(h + faulty);
  const received: Received[] = owners.map((own) => ({ gram, size, squaredNorms, models, own, faulty }));
  return (z, totals) => {
    for (let i = 0; i < h; i++) {
      gram[i * size + h] = z * along[i];
      gram[h * size + i] = z * along[i];
    }
    gram[size * size - 1] = z * z * square;
    squaredNorms[h] = meanSquare + 2 * z * meanAlong + z * z * square;
    totals.fill(0);
    for (const one of received) {
      rule.weights(one, weights);
      for (let a = 0; a < weights.length; a++) totals[models[a]] += weights[a];
    }
  };
}

/**
 * The squared distance by which the context's rule moves the honest nodes from their mean, averaged over the nodes,
 * when the faulty nodes send mean + z direction and all models arrive, as a function of z.
 *
 * @param pivots the honest nodes averaged over; defaults to all
 */
export function displacementAlong(
  direction: Float64Array,
  { rule, geometry, faulty }: Pick<AttackContext, "rule" | "geometry" | "faulty">,
  pivots: readonly number[] = [...geometry.honest.keys()],
): (z: number) => number {
  if (rule.kind === "weighted") return weightedDisplacement(rule, geometry, direction, faulty, pivots);
  return rule.displacement(geometry.honest, geometry.mean, direction, faulty);
}
