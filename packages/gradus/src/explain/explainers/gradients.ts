import { checkIntegerWithin, checkPositive } from "../../check/numbers.ts";
import { checkBoolean } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { gaussLegendre } from "../../statistics/quadrature.ts";
import { rowBlocks } from "../blocks.ts";
import type { Explanation } from "../explain.ts";
import { meanGradientOf, valuesAndGradientsOf } from "../models/contract.ts";
import { gaussianNeighborhood } from "../neighborhoods/continuous.ts";
import { perturbedInputs, perturbedRows } from "../neighborhoods/contract.ts";
import { pauses } from "../pauses.ts";
import { composedBlocks, composes } from "../perturbed-scores.ts";
import { scratch } from "../scratch.ts";
import type { ExplainerOptions, FormulaCall } from "./options.ts";

/** sum_k pi_k f'(x_k) over the inputs that perturbations make of each row, n x d. */
async function meanGradients(
  { model, x, baseline, signal }: FormulaCall,
  xi: DenseMatrix,
  composition: "additive" | "multiplicative",
  weights?: Float64Array,
): Promise<Explanation> {
  const { rows: n, columns: d } = x;
  const count = xi.rows;
  const values = new Float64Array(n * d);
  const pause = pauses(signal);
  const perturbed = { x, baseline, composition };
  if (composes(model, "meanGradient", xi)) {
    const shares = weights ?? new Float64Array(count).fill(1 / count);
    for (const [from, to] of composedBlocks(x, xi)) {
      await pause();
      values.set(await meanGradientOf(model, perturbedRows(perturbed, from, to), xi, shares), from * d);
    }
    return { attributions: { rows: n, columns: d, values }, evaluations: n * count };
  }
  const memory = scratch();
  for (const [from, to] of rowBlocks(n, count * d)) {
    await pause();
    const inputs = perturbedInputs(perturbed, xi, from, to, memory);
    const { gradients } = await valuesAndGradientsOf(model, inputs, { from, each: count, rows: n });
    let at = 0;
    for (let i = from; i < to; i++)
      for (let k = 0; k < count; k++) {
        const weight = weights ? weights[k] : 1 / count;
        for (let j = 0; j < d; j++) values[i * d + j] += weight * gradients[at++];
      }
  }
  return { attributions: { rows: n, columns: d, values }, evaluations: n * count };
}

/** (x0 - r) * attributions, in place. */
function timesReach(explanation: Explanation, { x, baseline }: FormulaCall): Explanation {
  const { values, columns: d } = explanation.attributions;
  for (let k = 0; k < values.length; k++) values[k] *= x.values[k] - baseline[k % d];
  return explanation;
}

const unperturbed = (d: number): DenseMatrix => ({ rows: 1, columns: d, values: new Float64Array(d) });

/** w = f'(x0). */
export function vanillaGradientsFormula(call: FormulaCall): Promise<Explanation> {
  return meanGradients(call, unperturbed(call.x.columns), "additive");
}

/** w = (x0 - r) * f'(x0). */
export async function gradientTimesInputFormula(call: FormulaCall): Promise<Explanation> {
  return timesReach(await vanillaGradientsFormula(call), call);
}

/** w = mean of f'(x0 + xi), xi ~ N(0, sigma^2 I). */
export function smoothGradFormula(call: FormulaCall, options: ExplainerOptions): Promise<Explanation> {
  const { sigma = 0.1, antithetic = true } = options;
  checkPositive({ sigma });
  checkBoolean({ antithetic });
  const { xi } = gaussianNeighborhood({ sigma, antithetic }).draw(call.x.columns, call.samples, call.stream);
  return meanGradients(call, xi, "additive");
}

/** w = (x0 - r) * integral over alpha in [0, 1] of f'(r + alpha (x0 - r)), by a Gauss-Legendre rule. */
export async function integratedGradientsFormula(
  call: FormulaCall,
  { nodes = 64 }: ExplainerOptions,
): Promise<Explanation> {
  checkIntegerWithin(1, 200, { nodes });
  const d = call.x.columns;
  const rule = gaussLegendre(nodes);
  const values = new Float64Array(nodes * d);
  for (let k = 0; k < nodes; k++) values.fill((1 + rule.nodes[k]) / 2, k * d, (k + 1) * d);
  const weights = rule.weights.map((weight) => weight / 2);
  return timesReach(
    await meanGradients(call, { rows: nodes, columns: d, values }, "multiplicative", weights),
    call,
  );
}
