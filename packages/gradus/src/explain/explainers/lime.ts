import { checkPositive } from "../../check/numbers.ts";
import { rowBlocks } from "../blocks.ts";
import type { Explanation } from "../explain.ts";
import { valuesOf } from "../models/contract.ts";
import { allMasks, isEnumerated } from "../neighborhoods/masks.ts";
import { pauses } from "../pauses.ts";
import { perturbedScores } from "../perturbed-scores.ts";
import type { ExplainerOptions, FormulaCall } from "./options.ts";

/**
 * The mean effect of switching a feature on, over masks with LIME's weights. The kernel is a product over the features, so
 * that masks are independent with
 *
 *     p_j = P(xi_j = 1) = 1 / (1 + exp(-(x0_j - r_j)^2 / nu^2)),   w_j = E[f | xi_j = 1] - E[f | xi_j = 0]
 *
 * is the least-squares solution: features of an independent design do not share a slope. All 2^d masks where they are few,
 * else drawn ones.
 */
export async function limeFormula(call: FormulaCall, { width = 1 }: ExplainerOptions): Promise<Explanation> {
  checkPositive({ width });
  const { x, baseline } = call;
  const d = x.columns;
  const chances = x.values.map((value, k) => 1 / (1 + Math.exp(-(((value - baseline[k % d]) / width) ** 2))));
  return isEnumerated(d) ? overAllMasks(call, chances) : overDrawnMasks(call, chances);
}

async function overAllMasks(
  { model, x, baseline, signal }: FormulaCall,
  chances: Float64Array,
): Promise<Explanation> {
  const { rows: n, columns: d } = x;
  const values = new Float64Array(n * d);
  const masks = allMasks(d);
  const perturbed = { x, baseline, composition: "multiplicative" } as const;
  let evaluations = 0;
  for await (const { from, to, scores } of perturbedScores(model, perturbed, masks, signal)) {
    evaluations += scores.length;
    for (let i = from; i < to; i++) {
      const rowOf = (array: Float64Array) => array.subarray(i * d, (i + 1) * d);
      const own = scores.subarray((i - from) * masks.rows, (i - from + 1) * masks.rows);
      addExactEffects(rowOf(values), own, rowOf(chances), (j) => x.values[i * d + j] === baseline[j]);
    }
  }
  return { attributions: { rows: n, columns: d, values }, evaluations };
}

/** Adds E[f | xi_j = 1] - E[f | xi_j = 0] of one row, from f at all masks, whose bit j is xi_j; 0 for a constant j. */
function addExactEffects(
  effects: Float64Array,
  scores: Float64Array,
  chances: Float64Array,
  isConstant: (j: number) => boolean,
): void {
  for (let mask = 0; mask < scores.length; mask++) {
    const score = maskChance(chances, mask) * scores[mask];
    for (let j = 0; j < effects.length; j++) {
      if (isConstant(j)) continue;
      const p = chances[j];
      if ((mask >> j) & 1) effects[j] += score / p;
      else if (p < 1) effects[j] -= score / (1 - p);
      // the chance that a feature is off rounds to 0; given that it is, the mask has that of the others
      else effects[j] -= maskChance(chances, mask, j) * scores[mask];
    }
  }
}

/** P(xi = mask), or that of all features but one. */
function maskChance(chances: Float64Array, mask: number, except = -1): number {
  let chance = 1;
  for (let j = 0; j < chances.length; j++)
    if (j !== except) chance *= (mask >> j) & 1 ? chances[j] : 1 - chances[j];
  return chance;
}

async function overDrawnMasks(
  { model, x, baseline, samples, stream, signal }: FormulaCall,
  chances: Float64Array,
): Promise<Explanation> {
  const { rows: n, columns: d } = x;
  const values = new Float64Array(n * d);
  const count = Math.max(1, Math.round(samples / (d + 1)));
  const uniform = stream.fillUniform(new Float64Array(count * d));
  const isOn = (i: number, k: number, j: number) => uniform[k * d + j] < chances[i * d + j];
  let evaluations = 0;
  const pause = pauses(signal);
  for (const [from, to] of rowBlocks(n, count * (d + 1) * d)) {
    await pause();
    const inputs = new Float64Array((to - from) * count * (d + 1) * d);
    let at = 0;
    /** A mask of row i, with feature `switched` the other way; as it is for -1. */
    const write = (i: number, k: number, switched: number) => {
      for (let j = 0; j < d; j++)
        inputs[at++] = isOn(i, k, j) === (j !== switched) ? x.values[i * d + j] : baseline[j];
    };
    for (let i = from; i < to; i++)
      for (let k = 0; k < count; k++) for (let switched = -1; switched < d; switched++) write(i, k, switched);
    const scores = await valuesOf(
      model,
      { rows: inputs.length / d, columns: d, values: inputs },
      { from, each: count * (d + 1), rows: n },
    );
    evaluations += scores.length;
    for (let i = from; i < to; i++)
      for (let k = 0; k < count; k++) {
        const own = ((i - from) * count + k) * (d + 1);
        for (let j = 0; j < d; j++) {
          const effect = (scores[own] - scores[own + 1 + j]) / count;
          values[i * d + j] += isOn(i, k, j) ? effect : -effect;
        }
      }
  }
  return { attributions: { rows: n, columns: d, values }, evaluations };
}
