import { checkPositive } from "../../check/numbers.ts";
import { rowBlocks } from "../blocks.ts";
import type { Explanation } from "../explain.ts";
import { valuesOf } from "../models/contract.ts";
import { gaussianNeighborhood } from "../neighborhoods/continuous.ts";
import { allMasks, isEnumerated } from "../neighborhoods/masks.ts";
import { pauses } from "../pauses.ts";
import { perturbedScores } from "../perturbed-scores.ts";
import type { ExplainerOptions, FormulaCall } from "./options.ts";

/** w_j = f(x0) - f(x0 with feature j set to the baseline). */
export async function occlusionFormula({ model, x, baseline, signal }: FormulaCall): Promise<Explanation> {
  const { rows: n, columns: d } = x;
  const values = new Float64Array(n * d);
  // a row as it is, then with one feature removed after the other
  const masks = new Float64Array((d + 1) * d).fill(1);
  for (let j = 0; j < d; j++) masks[(j + 1) * d + j] = 0;
  const xi = { rows: d + 1, columns: d, values: masks };
  const perturbed = { x, baseline, composition: "multiplicative" } as const;
  for await (const { from, to, scores } of perturbedScores(model, perturbed, xi, signal)) {
    for (let i = from; i < to; i++) {
      const at = (i - from) * (d + 1);
      for (let j = 0; j < d; j++) values[i * d + j] = scores[at] - scores[at + 1 + j];
    }
  }
  return { attributions: { rows: n, columns: d, values }, evaluations: n * (d + 1) };
}

/** w = E[xi (f(x0 + xi) - f(x0 - xi))] / (2 sigma^2), xi ~ N(0, sigma^2 I): Stein's formula for E[f'(x0 + xi)]. */
export async function cLimeFormula(
  { model, x, baseline, samples, stream, signal }: FormulaCall,
  { sigma = 0.1 }: ExplainerOptions,
): Promise<Explanation> {
  checkPositive({ sigma });
  const { rows: n, columns: d } = x;
  const { xi } = gaussianNeighborhood({ sigma, antithetic: true }).draw(d, samples, stream);
  const pairs = xi.rows / 2;
  const values = new Float64Array(n * d);
  const perturbed = { x, baseline, composition: "additive" } as const;
  for await (const { from, to, scores } of perturbedScores(model, perturbed, xi, signal)) {
    for (let i = from; i < to; i++) {
      const at = (i - from) * xi.rows;
      for (let k = 0; k < pairs; k++) {
        const slope = (scores[at + k] - scores[at + pairs + k]) / (2 * sigma * sigma * pairs);
        for (let j = 0; j < d; j++) values[i * d + j] += slope * xi.values[k * d + j];
      }
    }
  }
  return { attributions: { rows: n, columns: d, values }, evaluations: n * xi.rows };
}

/**
 * The mean effect of switching a feature on, over masks with LIME's weights. The kernel is a product over the features, so
 * that masks are independent with
 *
 *     p_j = P(xi_j = 1) = 1 / (1 + exp(-(x0_j - r_j)^2 / nu^2)),   w_j = E[f | xi_j = 1] - E[f | xi_j = 0]
 *
 * is the least-squares solution: features of an independent design do not share a slope.
 */
export async function limeFormula(
  { model, x, baseline, samples, stream, signal }: FormulaCall,
  { width = 1 }: ExplainerOptions,
): Promise<Explanation> {
  checkPositive({ width });
  const { rows: n, columns: d } = x;
  const chances = x.values.map((value, k) => 1 / (1 + Math.exp(-(((value - baseline[k % d]) / width) ** 2))));
  const values = new Float64Array(n * d);
  let evaluations = 0;
  if (isEnumerated(d)) {
    const masks = allMasks(d);
    const perturbed = { x, baseline, composition: "multiplicative" } as const;
    /** P(mask k | xi_j) of row i, which a feature that is never off does not make 0. */
    const chanceOfOthers = (k: number, i: number, j: number) => {
      let chance = 1;
      for (let l = 0; l < d; l++) {
        const p = chances[i * d + l];
        if (l !== j) chance *= (k >> l) & 1 ? p : 1 - p;
      }
      return chance;
    };
    for await (const { from, to, scores } of perturbedScores(model, perturbed, masks, signal)) {
      evaluations += scores.length;
      for (let i = from; i < to; i++)
        for (let k = 0; k < masks.rows; k++) {
          let probability = 1;
          for (let j = 0; j < d; j++)
            probability *= (k >> j) & 1 ? chances[i * d + j] : 1 - chances[i * d + j];
          const score = probability * scores[(i - from) * masks.rows + k];
          for (let j = 0; j < d; j++) {
            if (x.values[i * d + j] === baseline[j]) continue;
            const p = chances[i * d + j];
            if ((k >> j) & 1) values[i * d + j] += score / p;
            else if (p < 1) values[i * d + j] -= score / (1 - p);
            else values[i * d + j] -= chanceOfOthers(k, i, j) * scores[(i - from) * masks.rows + k];
          }
        }
    }
    return { attributions: { rows: n, columns: d, values }, evaluations };
  }
  const count = Math.max(1, Math.round(samples / (d + 1)));
  const uniform = stream.fillUniform(new Float64Array(count * d));
  const stride = (d + 1) * d;
  const pause = pauses(signal);
  for (const [from, to] of rowBlocks(n, count * stride)) {
    await pause();
    // a mask, then the mask with one feature switched after the other
    const inputs = new Float64Array((to - from) * count * stride);
    let at = 0;
    for (let i = from; i < to; i++)
      for (let k = 0; k < count; k++)
        for (let switched = -1; switched < d; switched++)
          for (let j = 0; j < d; j++) {
            const on = uniform[k * d + j] < chances[i * d + j];
            inputs[at++] = on === (j !== switched) ? x.values[i * d + j] : baseline[j];
          }
    const scores = await valuesOf(model, { rows: inputs.length / d, columns: d, values: inputs });
    evaluations += scores.length;
    for (let i = from; i < to; i++)
      for (let k = 0; k < count; k++) {
        const own = ((i - from) * count + k) * (d + 1);
        for (let j = 0; j < d; j++) {
          const effect = (scores[own] - scores[own + 1 + j]) / count;
          values[i * d + j] += uniform[k * d + j] < chances[i * d + j] ? effect : -effect;
        }
      }
  }
  return { attributions: { rows: n, columns: d, values }, evaluations };
}
