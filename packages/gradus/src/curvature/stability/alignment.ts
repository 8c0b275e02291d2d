import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { batchNoiseShare, type SgdSampling } from "./batch-noise.ts";
import { checkResiduals, type Jacobian } from "./jacobian.ts";
import { rowGram } from "./row-gram.ts";

/** The alignment of SGD's noise with the curvature at one point. */
export interface Alignment {
  /** mu = Tr(Sigma G) / (2 R ||G||_F^2). */
  readonly alignment: number;
  /** Tr(Sigma G). */
  readonly noiseAlongCurvature: number;
  /** Tr Sigma: a step adds eta^2 p Tr Sigma to the expected squared distance. */
  readonly noise: number;
  /** ||G||_F. */
  readonly frobenius: number;
  /** R = (1/2n) sum_i r_i^2. */
  readonly loss: number;
}

/**
 * The alignment of SGD's noise with the curvature: with residuals r_i and
 * Sigma = (1/n) sum_i r_i^2 g_i g_i^T - grad R grad R^T,
 *
 *     mu = Tr(Sigma G) / (2 R ||G||_F^2).
 *
 * It needs only inner products: Q = n K^2 with K = J J^T / n, Tr(Sigma G) = (1/n) sum_i r_i^2 Q_ii - (1/n^2) r^T Q r.
 * Source: Wu, Wang & Su 2022, "The alignment property of SGD noise and how it helps select flat minima".
 *
 * @param J rows g_i, the gradients of the outputs, or their inner products, at the same point as the residuals
 * @param residuals f_i - y_i
 * @throws ArgumentError when all residuals or all entries of J are 0: mu is then 0/0 (evaluate it during training)
 * @throws ArgumentError, DataError when sizes do not match or a number is not finite
 */
export function alignment(J: Jacobian, residuals: Float64Array): Alignment {
  const { rows: n, values: K } = rowGram(J);
  checkResiduals(residuals, n);
  let [loss, squares, diagonal, noise] = [0, 0, 0, 0];
  const Kr = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let j = 0; j < n; j++) {
      square += K[i * n + j] ** 2;
      Kr[i] += K[i * n + j] * residuals[j];
    }
    squares += square;
    diagonal += residuals[i] ** 2 * square;
    noise += residuals[i] ** 2 * K[i * n + i];
    loss += residuals[i] ** 2 / (2 * n);
  }
  if (loss === 0 || squares === 0)
    throw new ArgumentError(
      `residuals and J must be nonzero, or the alignment is 0/0; got the loss ${loss} and ||G||_F^2 = ${squares}`,
    );
  let [along, gradient] = [diagonal, 0];
  for (let i = 0; i < n; i++) {
    along -= Kr[i] ** 2 / n;
    gradient += (residuals[i] * Kr[i]) / n;
  }
  return {
    alignment: along / (2 * loss * squares),
    noiseAlongCurvature: along,
    noise: noise - gradient,
    frobenius: Math.sqrt(squares),
    loss,
  };
}

export interface FrobeniusBoundOptions extends SgdSampling {
  /** The alignment factor mu of the noise with G, as `alignment` measures it, at least, along the run. */
  readonly alignment: number;
  /** The step size eta. */
  readonly learningRate: number;
}

/**
 * The largest ||G||_F at which SGD can be stable while the alignment is at least mu: one linearized step gives
 * E R_{t+1} >= eta^2 mu p ||G||_F^2 R_t, so stability of the loss needs
 *
 *     ||G||_F <= 1 / (eta sqrt(p mu)),   p = 1/B with replacement.
 *
 * Source: Wu & Su 2023, arXiv 2305.17490.
 *
 * @param n number of examples
 * @throws ArgumentError unless mu and the learning rate are finite and > 0 and the batch size is in 1 .. n, or for an
 *   unknown option
 */
export function frobeniusBound(n: number, options: FrobeniusBoundOptions): number {
  checkGivenOptions("frobeniusBound", options, ["alignment", "learningRate", "batchSize", "replacement"]);
  const { alignment: mu, learningRate, ...sampling } = options;
  checkPositive({ learningRate, alignment: mu });
  return 1 / (learningRate * Math.sqrt(batchNoiseShare(n, sampling) * mu));
}
