import { hingeLoss } from "../../losses/hinge.ts";
import { logisticLoss } from "../../losses/logistic.ts";
import { squaredLoss } from "../../losses/squared.ts";

/** `squared`: (z - y)^2 / 2; `logistic`: ln(1 + e^{-yz}); `hinge`: max(0, 1 - yz). Labels of the last two are -1 and +1. */
export type NetworkLoss = "squared" | "logistic" | "hinge";

export const networkLosses: readonly NetworkLoss[] = ["squared", "logistic", "hinge"];

/** A convex loss phi(z, y) of one output, as splitting methods and dual bounds use it; losses add up over the rows. */
export interface OutputLoss {
  readonly name: NetworkLoss;
  /** Of the derivative; undefined where there is none. */
  readonly smoothness: number | undefined;
  /** @throws DataError naming the row of a label that the loss is not defined for */
  checkLabels(name: string, labels: ArrayLike<number>): void;
  value(z: number, y: number): number;
  /** A subgradient where there is no derivative. */
  derivative(z: number, y: number): number;
  /** argmin_a  phi(a, y) + (a - z)^2 / (2 step). */
  prox(z: number, y: number, step: number): number;
  /** The nearest nu for which `dual` is finite. */
  dualFeasible(nu: number, y: number): number;
  /** -phi*(-nu) = min_z  phi(z, y) + nu z. */
  dual(nu: number, y: number): number;
  /** The derivative of `dual` in nu. */
  dualSlope(nu: number, y: number): number;
  /** Minus its second derivative. */
  dualCurvature(nu: number, y: number): number;
  /** Where `dual` is finite: everywhere, or for 0 <= y nu <= 1. */
  readonly dualDomain: "line" | "unit";
}

const clip = (p: number) => Math.min(1, Math.max(0, p));
const entropyTerm = (p: number) => (p > 0 ? -p * Math.log(p) : 0);

const ROUNDS = 100;

/** The root m of  m = start + step / (1 + e^m),  by Newton's method kept inside [start, start + step]. */
function logisticMargin(start: number, step: number): number {
  let [low, high] = [start, start + step];
  let m = start + step / 2;
  let before = step;
  for (let round = 0; round < ROUNDS; round++) {
    const weight = 1 / (1 + Math.exp(m));
    const excess = m - start - step * weight;
    if (excess > 0) high = m;
    else low = m;
    const newton = m - excess / (1 + step * weight * (1 - weight));
    // steps that do not halve make room for the middle of what is left
    const inside = newton >= low && newton <= high && Math.abs(newton - m) <= before / 2;
    const next = inside ? newton : (low + high) / 2;
    before = Math.abs(next - m);
    m = next;
    if (before <= 1e-15 * (1 + Math.abs(m))) break;
  }
  return m;
}

const squared: OutputLoss = {
  name: "squared",
  smoothness: squaredLoss.smoothness,
  checkLabels: squaredLoss.checkLabels,
  value: squaredLoss.value,
  derivative: squaredLoss.derivative,
  prox: (z, y, step) => (z + step * y) / (1 + step),
  dualFeasible: (nu) => nu,
  dual: (nu, y) => nu * y - (nu * nu) / 2,
  dualSlope: (nu, y) => y - nu,
  dualCurvature: () => 1,
  dualDomain: "line",
};

const logistic: OutputLoss = {
  name: "logistic",
  smoothness: logisticLoss.smoothness,
  checkLabels: logisticLoss.checkLabels,
  value: logisticLoss.value,
  derivative: logisticLoss.derivative,
  prox: (z, y, step) => y * logisticMargin(y * z, step),
  dualFeasible: (nu, y) => y * clip(y * nu),
  dual: (nu, y) => entropyTerm(y * nu) + entropyTerm(1 - y * nu),
  dualSlope: (nu, y) => y * Math.log((1 - y * nu) / (y * nu)),
  dualCurvature: (nu, y) => 1 / (y * nu * (1 - y * nu)),
  dualDomain: "unit",
};

const plainHinge = hingeLoss();

const hinge: OutputLoss = {
  name: "hinge",
  smoothness: plainHinge.smoothness,
  checkLabels: plainHinge.checkLabels,
  value: plainHinge.value,
  derivative: plainHinge.derivative,
  prox: (z, y, step) => y * Math.max(y * z, Math.min(1, y * z + step)),
  dualFeasible: (nu, y) => y * clip(y * nu),
  dual: (nu, y) => y * nu,
  dualSlope: (_, y) => y,
  dualCurvature: () => 0,
  dualDomain: "unit",
};

const byName: Readonly<Record<NetworkLoss, OutputLoss>> = { squared, logistic, hinge };

/** The loss of a name. */
export function outputLoss(name: NetworkLoss): OutputLoss {
  return byName[name];
}

/** sum_k phi(z_k, y_k). */
export function totalLoss(loss: OutputLoss, outputs: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < y.length; k++) sum += loss.value(outputs[k], y[k]);
  return sum;
}

/** -phi'(z_k, y_k): the dual point of outputs, one number a row. */
export function dualOfOutputs(
  loss: OutputLoss,
  outputs: Float64Array,
  y: Float64Array,
): Float64Array<ArrayBuffer> {
  return outputs.map((z, k) => -loss.derivative(z, y[k]));
}
