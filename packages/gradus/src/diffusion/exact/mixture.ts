import { checkLength } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import { checkNonNegative } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { categoricalSampler } from "../../random/categorical.ts";
import { checkProcess, type ForwardProcess, type Times, timeOf } from "../processes/contract.ts";
import { scoreFromDenoised } from "../processes/marginals.ts";
import { checkQuestion, type ExactTarget } from "./contract.ts";

export interface MixtureOptions {
  /** c_k, K x d. */
  readonly centers: DenseMatrix;
  /** K probabilities; equal by default. */
  readonly weights?: ArrayLike<number>;
  /** s >= 0 of the components N(c_k, s^2 I); 0, the default, puts atoms at the centers. */
  readonly deviation?: number;
}

function probabilities(weights: ArrayLike<number> | undefined, count: number): Float64Array<ArrayBuffer> {
  if (weights === undefined) return new Float64Array(count).fill(1 / count);
  checkLength("weights", weights, count);
  const values = Float64Array.from(weights);
  const wrong = values.findIndex((weight) => !(weight >= 0));
  if (wrong >= 0) throw new DataError(`weights must be >= 0, got ${values[wrong]} at index ${wrong}`);
  const sum = values.reduce((total, weight) => total + weight, 0);
  if (!(Math.abs(sum - 1) <= 1e-9)) throw new DataError(`weights must sum to 1, got the sum ${sum}`);
  return values;
}

/**
 * A mixture of Gaussians or atoms, p_0 = sum_k w_k N(c_k, s^2 I), under a forward process: with X_t ~ N(alpha X_0 + b, h),
 * v = alpha^2 s^2 + h and p_k proportional to w_k exp(-|x - b - alpha c_k|^2 / (2 v)),
 *
 *     f*(t, x) = sum_k p_k [c_k + (alpha s^2 / v) (x - b - alpha c_k)].
 *
 * With the data as centers it is the empirical optimum of score matching, which reproduces the data.
 *
 * @throws ArgumentError when weights do not fit, s is negative, or an option is unknown
 * @throws DataError when a center is not finite, or weights are negative or do not sum to 1
 */
export function mixtureTarget(process: ForwardProcess, options: MixtureOptions): ExactTarget {
  checkGivenOptions("mixtureTarget", options, ["centers", "weights", "deviation"]);
  checkProcess(process);
  const { centers, deviation = 0 } = options;
  checkFiniteDense("centers", centers);
  checkNonNegative({ deviation });
  const { rows: count, columns: d, values: c } = centers;
  const weights = probabilities(options.weights, count);
  const logWeights = weights.map(Math.log);
  const draw = categoricalSampler(weights);

  /** Calls `visit` for each point with the probabilities of the components, and the process's figures at its time. */
  function each(
    times: Times,
    points: DenseMatrix,
    visit: (i: number, p: Float64Array, figures: Figures, logSum: number) => void,
  ): void {
    checkQuestion(process, d, times, points);
    const p = new Float64Array(count);
    let figures: Figures | undefined;
    for (let i = 0; i < points.rows; i++) {
      if (figures === undefined || typeof times !== "number")
        figures = figuresAt(process, timeOf(times, i), deviation);
      const { alpha, shift, v } = figures;
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < count; k++) {
        let square = 0;
        for (let j = 0; j < d; j++) square += (points.values[i * d + j] - shift - alpha * c[k * d + j]) ** 2;
        p[k] = logWeights[k] - square / (2 * v);
        if (p[k] > largest) largest = p[k];
      }
      let sum = 0;
      for (let k = 0; k < count; k++) {
        p[k] = Math.exp(p[k] - largest);
        sum += p[k];
      }
      for (let k = 0; k < count; k++) p[k] /= sum;
      visit(i, p, figures, largest + Math.log(sum));
    }
  }

  /** The posterior mean, and on request the variance. */
  function posterior(times: Times, points: DenseMatrix, wantVariance: boolean): DenseMatrix {
    const { rows, values: x } = points;
    const answer = new Float64Array(rows * d);
    each(times, points, (i, p, { alpha, shift, v, h }) => {
      const pull = (alpha * deviation * deviation) / v;
      for (let j = 0; j < d; j++) {
        const at = x[i * d + j] - shift;
        let mean = 0;
        for (let k = 0; k < count; k++) mean += p[k] * (c[k * d + j] + pull * (at - alpha * c[k * d + j]));
        let variance = (deviation * deviation * h) / v;
        if (wantVariance)
          for (let k = 0; k < count; k++)
            variance += p[k] * (c[k * d + j] + pull * (at - alpha * c[k * d + j]) - mean) ** 2;
        answer[i * d + j] = wantVariance ? variance : mean;
      }
    });
    return { rows, columns: d, values: answer };
  }

  const posteriorMean = (times: Times, points: DenseMatrix) => posterior(times, points, false);
  return {
    process,
    dimension: d,
    sample(size, stream) {
      const values = new Float64Array(size * d);
      for (let i = 0; i < size; i++) {
        const k = draw(stream);
        for (let j = 0; j < d; j++)
          values[i * d + j] = c[k * d + j] + (deviation === 0 ? 0 : deviation * stream.normal());
      }
      return { rows: size, columns: d, values };
    },
    posteriorMean,
    posteriorVariance: (times, points) => posterior(times, points, true),
    score: (times, points) => scoreFromDenoised(process, posteriorMean(times, points), times, points),
    logDensity(times, points) {
      const answer = new Float64Array(points.rows);
      each(times, points, (i, _, { v }, logSum) => {
        answer[i] = logSum - (d / 2) * Math.log(2 * Math.PI * v);
      });
      return answer;
    },
  };
}

/** The process and the components' variance at a time. */
interface Figures {
  readonly alpha: number;
  readonly shift: number;
  readonly h: number;
  /** alpha^2 s^2 + h. */
  readonly v: number;
}

function figuresAt(process: ForwardProcess, t: number, deviation: number): Figures {
  const [alpha, shift, h] = [process.scale(t), process.shift(t), process.variance(t)];
  return { alpha, shift, h, v: (alpha * deviation) ** 2 + h };
}
