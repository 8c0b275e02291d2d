import { checkLength } from "../../../check/arrays.ts";
import { checkNonNegative, checkNonNegativeInteger, checkPositiveInteger } from "../../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../../linalg/matrix.ts";
import { randomStream } from "../../../random/stream.ts";
import { checkPerturbed } from "../check.ts";
import { networkOutputs, type ReluNetwork } from "../network.ts";
import { type NetworkLoss, networkLosses, type OutputLoss, outputLoss } from "../output-loss.ts";

/** Examples to attack, and the box in which they may move. */
export interface AttackOptions {
  /** n x d. */
  readonly x: DenseMatrix;
  /** n labels. */
  readonly y: ArrayLike<number>;
  readonly loss?: NetworkLoss;
  /** Largest change of a column, >= 0. */
  readonly epsilon: number;
  /** One a column: whether it may change; all unless given. */
  readonly perturbed?: readonly boolean[];
}

export interface PgdAttackOptions extends AttackOptions {
  readonly steps?: number;
  /** Length of a step in each column; epsilon / 8 unless given. */
  readonly stepSize?: number;
  /** Random starts in the box; the first start is x itself. */
  readonly restarts?: number;
  readonly seed?: number;
}

const attackOptions = ["x", "y", "loss", "epsilon", "perturbed"] as const;

interface Target {
  readonly loss: OutputLoss;
  readonly y: Float64Array;
  readonly perturbed: readonly boolean[];
}

function checkAttack({ x, y, loss = "hinge", epsilon, perturbed }: AttackOptions): Target {
  checkFiniteDense("x", x);
  checkLength("y", y, x.rows);
  checkOneOf(networkLosses, { loss });
  checkNonNegative({ epsilon });
  const record = outputLoss(loss);
  record.checkLabels("y", y);
  if (perturbed !== undefined) checkPerturbed(perturbed, x.columns, "x");
  return {
    loss: record,
    y: Float64Array.from(y),
    perturbed: perturbed ?? new Array<boolean>(x.columns).fill(true),
  };
}

/** Which way a rising loss moves an output; where the hinge is flat it is the label's other side. */
function direction({ loss }: Target, z: number, y: number): number {
  return loss.name === "squared" ? Math.sign(z - y) || 1 : -y;
}

/**
 * x + step sign(gradient of the loss in x), inside the box around `center`.
 *
 * @param x n x d, overwritten
 */
function signStep(
  network: ReluNetwork,
  target: Target,
  x: DenseMatrix,
  center: DenseMatrix,
  step: number,
  epsilon: number,
): void {
  const { rows: n, columns: d, values } = x;
  const { hidden, biases, outputs } = network;
  const m = hidden.columns;
  const inputs = new Float64Array(m);
  const slope = new Float64Array(d);
  for (let k = 0; k < n; k++) {
    inputs.set(biases);
    for (let i = 0; i < d; i++) {
      const value = values[k * d + i];
      if (value !== 0) for (let j = 0; j < m; j++) inputs[j] += value * hidden.values[i * m + j];
    }
    let z = 0;
    for (let j = 0; j < m; j++) if (inputs[j] > 0) z += outputs[j] * inputs[j];
    slope.fill(0);
    for (let i = 0; i < d; i++)
      for (let j = 0; j < m; j++) if (inputs[j] > 0) slope[i] += outputs[j] * hidden.values[i * m + j];
    const way = direction(target, z, target.y[k]);
    for (let i = 0, at = k * d; i < d; i++, at++) {
      if (!target.perturbed[i]) continue;
      const moved = values[at] + step * Math.sign(way * slope[i]);
      values[at] = Math.min(center.values[at] + epsilon, Math.max(center.values[at] - epsilon, moved));
    }
  }
}

const copyOf = (x: DenseMatrix): DenseMatrix => ({
  rows: x.rows,
  columns: x.columns,
  values: x.values.slice(),
});

/**
 * The fast gradient sign method: one step of length epsilon in the sign of the loss's gradient in x.
 *
 * @returns n x d
 * @throws ArgumentError, DataError when an argument does not fit
 * Source: Goodfellow, Shlens & Szegedy 2015.
 */
export function fgsmAttack(network: ReluNetwork, options: AttackOptions): DenseMatrix {
  checkGivenOptions("fgsmAttack", options, attackOptions);
  const target = checkAttack(options);
  networkOutputs(network, options.x);
  const moved = copyOf(options.x);
  signStep(network, target, moved, options.x, options.epsilon, options.epsilon);
  return moved;
}

/**
 * Projected gradient descent: steps in the sign of the loss's gradient, each clipped to the box, from x and from random
 * starts; of each row the point with the largest loss that was met.
 *
 * @returns n x d
 * @throws ArgumentError, DataError when an argument does not fit
 * Source: Madry et al. 2018.
 */
export function pgdAttack(network: ReluNetwork, options: PgdAttackOptions): DenseMatrix {
  checkGivenOptions("pgdAttack", options, [...attackOptions, "steps", "stepSize", "restarts", "seed"]);
  const target = checkAttack(options);
  const { x, epsilon, steps = 40, stepSize = epsilon / 8, restarts = 2, seed = 0 } = options;
  checkPositiveInteger({ steps });
  checkNonNegative({ stepSize });
  checkNonNegativeInteger({ restarts, seed });
  const { rows: n, columns: d } = x;
  const stream = randomStream(seed);
  const worst = copyOf(x);
  const losses = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const keep = (moved: DenseMatrix) =>
    networkOutputs(network, moved).forEach((z, k) => {
      // the loss of a margin is flat where it is 0: margins tell more
      const height = target.loss.name === "squared" ? target.loss.value(z, target.y[k]) : -target.y[k] * z;
      if (height <= losses[k]) return;
      losses[k] = height;
      worst.values.set(moved.values.subarray(k * d, (k + 1) * d), k * d);
    });
  for (let start = 0; start <= restarts; start++) {
    const moved = copyOf(x);
    if (start > 0)
      for (let at = 0; at < moved.values.length; at++)
        if (target.perturbed[at % d]) moved.values[at] += epsilon * (2 * stream.uniform() - 1);
    keep(moved);
    for (let step = 0; step < steps; step++) {
      signStep(network, target, moved, x, stepSize, epsilon);
      keep(moved);
    }
  }
  return worst;
}
