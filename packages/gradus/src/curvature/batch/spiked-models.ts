import { checkFinite, checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf, checkOptions } from "../../check/options.ts";
import { checkEffectiveBatch } from "./effective-batch-size.ts";

/** An extreme eigenvalue under additive noise. */
export interface SpikedEigenvalue {
  /** The extreme eigenvalue of the noisy matrix. */
  readonly value: number;
  /** Squared inner product of its eigenvector with the noiseless one. */
  readonly overlap: number;
  /** Whether it lies outside the bulk of the noise. */
  readonly detached: boolean;
  /** The edge of that bulk on the same side. */
  readonly edge: number;
}

export interface SpikedWignerOptions {
  /** The eigenvalue of the full matrix. */
  readonly lambda: number;
  /** s^2 = P sigma^2: the order of the matrix times the variance of one sample's entries. */
  readonly hessianVariance: number;
  /** Infinity for a batch of all data. */
  readonly effectiveBatch: number;
  /** Which end of the spectrum; it decides the sign where lambda is 0. */
  readonly end?: "largest" | "smallest";
}

/**
 * The extreme eigenvalue of a symmetric matrix of low rank under additive noise of independent entries, as a model of
 * the Hessian of a batch. With s^2 = P sigma^2 and the effective size b of the batch,
 *
 *     lambda' = lambda + s^2 / (b lambda),   overlap = 1 - s^2 / (b lambda^2)   if |lambda| > s / sqrt b
 *     lambda' = sign(lambda) 2 s / sqrt b,   overlap = 0                        otherwise
 *
 * in the limit of large P. The bulk of the full matrix must be narrow compared with s / sqrt b.
 * Source: Capitaine, Donati-Martin & Féral 2009; Benaych-Georges & Nadakuditi 2011 for the overlap; as a model of batch
 * Hessians Granziol, Zohren & Roberts 2022.
 *
 * @throws ArgumentError when lambda is not finite, the variance is not >= 0 or the batch is not > 0
 */
export function spikedWigner(options: SpikedWignerOptions): SpikedEigenvalue {
  checkGivenOptions("spikedWigner", options, ["lambda", "hessianVariance", "effectiveBatch", "end"]);
  const { lambda, hessianVariance, effectiveBatch, end = "largest" } = options;
  checkFinite({ lambda });
  checkNonNegative({ hessianVariance });
  checkEffectiveBatch(effectiveBatch);
  checkOneOf(["largest", "smallest"], { end });
  const noise = hessianVariance / effectiveBatch;
  const sign = lambda === 0 ? (end === "largest" ? 1 : -1) : Math.sign(lambda);
  const edge = sign * 2 * Math.sqrt(noise);
  if (lambda * lambda <= noise || lambda === 0) return { value: edge, overlap: 0, detached: false, edge };
  return { value: lambda + noise / lambda, overlap: 1 - noise / (lambda * lambda), detached: true, edge };
}

/** sigma^2 and gamma of a sample covariance matrix. */
export interface CovarianceBulk {
  /** sigma^2: the eigenvalues of the population covariance other than the spike. */
  readonly scale: number;
  /** gamma: the number of parameters divided by the number of samples. */
  readonly ratio: number;
}

function checkBulk({ scale, ratio }: CovarianceBulk): void {
  checkPositive({ scale });
  checkNonNegative({ ratio });
}

/**
 * The edges of the spectrum of a sample covariance matrix without spikes: sigma^2 (1 -+ sqrt gamma)^2; the lower edge
 * is 0 for gamma > 1.
 * Source: Marchenko & Pastur 1967.
 *
 * @throws ArgumentError unless scale > 0 and ratio >= 0
 */
export function covarianceEdges(bulk: CovarianceBulk): { readonly lower: number; readonly upper: number } {
  checkOptions("covarianceEdges", bulk, ["scale", "ratio"]);
  checkBulk(bulk);
  const { scale, ratio } = bulk;
  const root = Math.sqrt(ratio);
  return { lower: ratio <= 1 ? scale * (1 - root) ** 2 : 0, upper: scale * (1 + root) ** 2 };
}

export interface SpikedCovarianceOptions extends CovarianceBulk {
  /** The population's largest eigenvalue. */
  readonly spike: number;
}

/**
 * The largest eigenvalue of a sample covariance matrix with one spike, as a model of the Gauss-Newton matrix of a
 * batch. With the ratio gamma of parameters to samples,
 *
 *     l' = l (1 + gamma sigma^2 / (l - sigma^2))   if l > sigma^2 (1 + sqrt gamma)
 *     l' = sigma^2 (1 + sqrt gamma)^2              otherwise
 *     overlap = (1 - gamma / d^2) / (1 + gamma / d),   d = l / sigma^2 - 1,   or 0
 *
 * Source: Baik, Ben Arous & Péché 2005; Baik & Silverstein 2006; Paul 2007 for the overlap.
 *
 * @throws ArgumentError when the spike is not finite, scale is not > 0 or ratio is not >= 0
 */
export function spikedCovariance(options: SpikedCovarianceOptions): SpikedEigenvalue {
  checkGivenOptions("spikedCovariance", options, ["spike", "scale", "ratio"]);
  const { spike, scale, ratio } = options;
  checkFinite({ spike });
  const { upper: edge } = covarianceEdges({ scale, ratio });
  const distance = spike / scale - 1;
  if (!(distance > Math.sqrt(ratio))) return { value: edge, overlap: 0, detached: false, edge };
  return {
    value: spike * (1 + ratio / distance),
    overlap: (1 - ratio / distance ** 2) / (1 + ratio / distance),
    detached: true,
    edge,
  };
}
