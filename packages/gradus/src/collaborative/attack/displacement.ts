import type { Received, WeightedRule } from "../aggregate/rule.ts";
import type { Geometry } from "../geometry.ts";
import { innerProduct } from "../vector.ts";
import type { AttackContext } from "./contract.ts";

/**
 * The squared distance by which a weighted rule moves from the honest mean when the faulty nodes send
 * mean + z direction and everything arrives, as a function of z. Only inner products enter: no z touches a model.
 */
function weightedDisplacement(
  rule: WeightedRule,
  geometry: Geometry,
  direction: Float64Array,
  faulty: number,
  pivots: readonly number[],
): (z: number) => number {
  const { gram: honestGram, mean, honest } = geometry;
  const h = honest.length;
  const size = h + 1;
  const along = geometry.products(direction);
  const square = innerProduct(direction, direction);
  const [meanSquare, meanAlong] = [innerProduct(mean, mean), innerProduct(mean, direction)];
  const gram = new Float64Array(size * size);
  for (let i = 0; i < h; i++) gram.set(honestGram.subarray(i * h, (i + 1) * h), i * size);
  const squaredNorms = new Float64Array(size);
  squaredNorms.set(geometry.squaredNorms);
  const models = Int32Array.from({ length: h + faulty }, (_, a) => Math.min(a, h));
  const weights = new Float64Array(h + faulty);
  const total = new Float64Array(size);
  const owners = rule.ownMatters ? pivots : pivots.slice(0, 1);
  const received: Received[] = owners.map((own) => ({ gram, size, squaredNorms, models, own, faulty }));
  return (z) => {
    for (let i = 0; i < h; i++) {
      gram[i * size + h] = z * along[i];
      gram[h * size + i] = z * along[i];
    }
    gram[size * size - 1] = z * z * square;
    squaredNorms[h] = meanSquare + 2 * z * meanAlong + z * z * square;
    total.fill(0);
    for (const one of received) {
      rule.weights(one, weights);
      for (let a = 0; a < weights.length; a++) total[models[a]] += weights[a];
    }
    let sum = 0;
    for (let i = 0; i < size; i++) {
      if (total[i] === 0) continue;
      for (let j = 0; j < size; j++) sum += total[i] * total[j] * gram[i * size + j];
    }
    return sum / owners.length ** 2;
  };
}

/**
 * How far the context's rule moves the honest nodes from their mean, on average over them, when the faulty nodes send
 * mean + z direction: the squared distance as a function of z, with all models received.
 *
 * @param pivots the honest nodes averaged over; all when left out
 */
export function displacementAlong(
  direction: Float64Array,
  { rule, geometry, faulty }: Pick<AttackContext, "rule" | "geometry" | "faulty">,
  pivots: readonly number[] = [...geometry.honest.keys()],
): (z: number) => number {
  if (rule.kind === "weighted") return weightedDisplacement(rule, geometry, direction, faulty, pivots);
  return rule.displacement(geometry.honest, geometry.mean, direction, faulty);
}
