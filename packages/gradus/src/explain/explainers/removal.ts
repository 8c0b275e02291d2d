import { checkPositive } from "../../check/numbers.ts";
import type { Explanation } from "../explain.ts";
import { gaussianNeighborhood } from "../neighborhoods/continuous.ts";
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
