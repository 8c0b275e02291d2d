import type { DenseMatrix } from "../../../linalg/matrix.ts";
import { lengthOf } from "../admm-state.ts";
import type { PatternSystem } from "../pattern-system.ts";
import type { Perturbation } from "../patterns.ts";
import { productInto, rowRange, zeroMatrix } from "../products.ts";
import type { RobustState } from "./robust-state.ts";
import type { RobustSystem } from "./robust-system.ts";
import type { Example, WorstCaseLoss } from "./worst-case-loss.ts";

/** A robust program in the form in which its splitting works. */
export interface RobustProgram {
  readonly maps: PatternSystem;
  readonly system: RobustSystem;
  readonly loss: WorstCaseLoss;
  /** The rows with their labels and the box. */
  readonly examples: readonly Example[];
  readonly beta: number;
  readonly rho: number;
  readonly box: Perturbation;
}

/** What a point of the program is worth. */
export interface RobustValues {
  readonly violation: number;
  readonly activeBlocks: number;
  readonly worstCaseLoss: number;
  readonly objective: number;
}

const softened = (value: number, threshold: number) => Math.max(0, Math.abs(value) - threshold);

/** Objective and violation at blocks v. */
export function robustFigures(
  { maps, system, loss, examples, beta, box }: RobustProgram,
  { v }: RobustState,
): RobustValues {
  const { epsilon, perturbed } = box;
  const { rows: n, columns: d } = maps.design.plain;
  const blocks = 2 * maps.patterns.count;
  const signed = zeroMatrix(blocks, n);
  maps.signedInputs({ rows: blocks, columns: d, values: v }, signed);
  let violation = 0;
  let penalty = 0;
  let activeBlocks = 0;
  for (let i = 0; i < blocks; i++) {
    const weights = v.subarray(i * d, (i + 1) * d);
    let norm = 0;
    for (let j = 0; j < d; j++) if (perturbed[j]) norm += Math.abs(weights[j]);
    for (let at = i * n; at < (i + 1) * n; at++)
      violation = Math.max(violation, epsilon * norm - signed.values[at]);
    const size = lengthOf(weights);
    penalty += size;
    activeBlocks += Number(size > 0);
  }
  const rowSums = zeroMatrix(n, d);
  system.rowSums(v, rowSums);
  let worst = 0;
  examples.forEach((example, k) => {
    worst += loss.value(example, rowRange(rowSums, k, 1).values);
  });
  return { violation, activeBlocks, worstCaseLoss: worst, objective: worst + beta * penalty };
}

/** The dual value at the scaled duals, divided by how far they are outside the dual's constraint. */
export function robustLowerBound(
  { maps, system, loss, examples, beta, rho, box }: RobustProgram,
  { nu, rows, rowsDual, primalResidual }: RobustState,
): number {
  const { epsilon, perturbed } = box;
  const { rows: n, columns: d } = maps.design.plain;
  const P = maps.patterns.count;
  const blocks = 2 * P;
  // from the first step on, each row minimizes  phi - rho rowsDual^T a,  as the value below takes for granted
  if (primalResidual === Number.POSITIVE_INFINITY) return 0;
  let value = 0;
  for (let k = 0; k < n; k++) {
    const a = rows.subarray(k * d, (k + 1) * d);
    value += loss.value(examples[k], a);
    for (let j = 0, at = k * d; j < d; j++, at++) value -= rho * rowsDual[at] * a[j];
  }
  const gathered = zeroMatrix(P, d);
  const duals = { rows: n, columns: d, values: rowsDual };
  productInto(system.masks, { plain: duals, resident: duals }, gathered);
  const slack: DenseMatrix = { rows: blocks, columns: n, values: nu.slice() };
  const inward = zeroMatrix(blocks, d);
  maps.adjointInPlace(slack, inward);
  let steepest = beta;
  for (let i = 0; i < blocks; i++) {
    let sum = 0;
    for (let at = i * n; at < (i + 1) * n; at++) sum -= nu[at];
    let square = 0;
    for (let j = 0; j < d; j++) {
      const outer = i < P ? gathered.values[i * d + j] : -gathered.values[(i - P) * d + j];
      const slope = outer + inward.values[i * d + j];
      square += (perturbed[j] ? softened(slope, epsilon * sum) : slope) ** 2;
    }
    steepest = Math.max(steepest, rho * Math.sqrt(square));
  }
  return Math.max(0, (value * beta) / steepest);
}
