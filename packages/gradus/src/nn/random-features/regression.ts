import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import {
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
  checkWithin,
} from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Fold } from "../../data/folds.ts";
import { selectRows } from "../../data/rows.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { checkFiniteDense } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { type RidgeActivationName, ridgeActivation } from "./activations.ts";
import { fitRandomNetwork, type OutputLayer, type RandomNetwork } from "./fit.ts";
import { randomUnits } from "./hidden-units.ts";
import { holdOut } from "./hold-out.ts";
import { lowerBoundAt, type RandomNetworkCertificate, randomNetworkLowerBound } from "./lower-bound.ts";
import { checkRows, rmseOf, type SlopeTrial, selectSlope, validated } from "./select-slope.ts";

export interface RandomFeatureRegressionOptions extends OutputLayer {
  /** N x m, its columns scaled to a common range such as [-1, 1]. */
  readonly x: DenseMatrix;
  /** N numbers. */
  readonly y: Float64Array;
  /** Half-width of the domain of the hidden parameters; chosen on held-out rows unless given. */
  readonly slope?: number;
  /** Number of units; 200 unless given. */
  readonly width?: number;
  readonly activation?: RidgeActivationName;
  /** alpha >= 0 of  (1/N) |H c - y|^2 + alpha |c|^2. */
  readonly ridge?: number;
  readonly relativeCutoff?: number;
  /** C of the certificate, which bounds networks with |c|_1 <= C; 1000 unless given. */
  readonly budget?: number;
  /** Share of the distinct rows that is held out. */
  readonly validationShare?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** Whether the domain of the hidden parameters is wide enough for the target. */
export interface BandwidthReport {
  /** A wider domain predicts held-out rows with at most 0.8 of the error. */
  readonly tooSmall: boolean;
  readonly slope: number;
  readonly validationRmse: number;
  /** The best of the domains 3, 10 and 30 times as wide. */
  readonly wider: SlopeTrial;
  /** The features are numerically dependent, and twice as many units have less than 1.1 times their rank. */
  readonly saturated: boolean;
  /** Numerical rank of the features. */
  readonly rank: number;
  /**
   * No network of this domain, of any width, with |c|_1 at most the budget has a smaller root mean square error on the
   * certificate's rows; 0 where the certificate says nothing. Noise in y counts as part of the target.
   */
  readonly errorFloor: number;
  /** What was found and what to do, in a sentence or two. */
  readonly message: string;
}

/** A fitted network, and what its domain can and cannot do. */
export interface RandomFeatureRegression {
  /** Fitted to all rows. */
  readonly network: RandomNetwork<Float64Array>;
  /** Of a network of the same domain fitted without the held-out rows. */
  readonly validationRmse: number;
  /** Domains tried, when none was given. */
  readonly trials: readonly SlopeTrial[];
  readonly bandwidth: BandwidthReport;
  readonly certificate: RandomNetworkCertificate;
  /** The outputs for rows of inputs. */
  predict(x: DenseMatrix): Float64Array;
}

const SLOPES = [0.3, 1, 3, 10, 30, 100, 300];
const WIDER = [3, 10, 30];
/** A wider domain is better where its error is at most this share. */
const BETTER = 0.8;
/** Units add something where twice as many have at least this many times the rank. */
const GROWS = 1.1;
/** An error of less than this share of the size of y is rounding. */
const ROUNDING = 1e-12;
/** The sum of squares of as many numbers as an array can have is finite up to here. */
const LARGEST = 1e145;
/** Held-out rows are not predicted from this share of the error of a constant on. */
const NOTHING = 0.95;
/** Rows of the certificate, whose cost grows like their cube. */
const CERTIFIED_ROWS = 400;

function certificateOf(
  { x, y, activation = "sigmoid", seed = 0 }: RandomFeatureRegressionOptions,
  slope: number,
): RandomNetworkCertificate {
  const rows = randomStream(seed).split("certificate").permutation(x.rows).subarray(0, CERTIFIED_ROWS).sort();
  return randomNetworkLowerBound({
    x: selectRows(x, rows),
    y: selectRows(y, rows),
    slope,
    activation,
    grid: 101,
    seed,
  });
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Columns that end beyond this, or span less than its inverse, are not scaled: few units bend where the rows are. */
const FAR = 10;

/** In words, a column that varies and is not scaled. */
function unscaledColumn({ rows, columns, values }: DenseMatrix): string | undefined {
  for (let j = 0; j < columns; j++) {
    let [least, most] = [values[j], values[j]];
    for (let i = 1; i < rows; i++) {
      least = Math.min(least, values[i * columns + j]);
      most = Math.max(most, values[i * columns + j]);
    }
    const far = Math.max(-least, most) > FAR || most - least < 1 / FAR;
    if (most > least && far) return `column ${j} of x runs from ${figure(least)} to ${figure(most)}`;
  }
  return undefined;
}

/** Mean of y over its standard deviation from which a constant is tried where none is fitted. */
const OFFSET = 10;

/** Whether y is so far from 0 that units alone may lose what varies to what does not. */
function isFar(y: Float64Array): boolean {
  const mean = y.reduce((sum, value) => sum + value / y.length, 0);
  const deviation = Math.sqrt(y.reduce((sum, value) => sum + (value - mean) ** 2 / y.length, 0));
  return Math.abs(mean) > OFFSET * deviation;
}

/** Root mean square error on held-out rows of predicting the mean of the others. */
function constantError(y: Float64Array, { train, test }: Fold): number {
  const mean = train.reduce((sum, i) => sum + y[i] / train.length, 0);
  return Math.sqrt(test.reduce((sum, i) => sum + (y[i] - mean) ** 2 / test.length, 0));
}

/** @throws DataError when all rows of x are the same, so that nothing can be predicted from them */
function checkVaries({ rows, columns, values }: DenseMatrix): void {
  if (values.every((value, k) => value === values[k % columns]))
    throw new DataError(
      `x must have a column that varies, got the same row ${rows} times; leave constant columns out and add others`,
    );
}

function messageOf(
  report: Omit<BandwidthReport, "message">,
  {
    budget,
    constant,
    varies,
    unscaled,
    biased,
  }: {
    readonly budget: number;
    readonly constant: number;
    readonly varies: boolean;
    readonly unscaled: string | undefined;
    /** Error on held-out rows with a constant, where that was tried. */
    readonly biased: number | undefined;
  },
  { l1, units }: RandomNetwork<Float64Array>,
): string {
  const { tooSmall, slope, validationRmse, wider, saturated, rank, errorFloor } = report;
  if (!varies)
    return "y is the same in all rows, so that there is nothing to predict: its mean is the answer for every x.";
  const sentences = [
    !tooSmall && constant > 0 && validationRmse >= NOTHING * constant
      ? `The network does not predict held-out rows: the error there is ${figure(validationRmse)}, that of a constant ${figure(constant)}, and no wider domain lowers it by a fifth. Scale the columns of x to a common range such as [-1, 1]; if they are, x says nothing about y, or there are too few rows.`
      : tooSmall
        ? `The bandwidth ${figure(slope)} is too small for the target: bandwidth ${figure(wider.slope)} lowers the error on held-out rows from ${figure(validationRmse)} to ${figure(wider.validationRmse)}.`
        : unscaled
          ? `No domain wider than ${figure(slope)} lowers the error on held-out rows by a fifth, but ${unscaled}: scale the columns of x to a common range such as [-1, 1].`
          : `The bandwidth ${figure(slope)} suffices: no wider domain lowers the error on held-out rows by a fifth.`,
  ];
  if (tooSmall && saturated)
    sentences.push(
      `The ${units.biases.length} units have numerical rank ${rank}, so more units do not help; widen the domain.`,
    );
  if (tooSmall && errorFloor > 0)
    sentences.push(
      `No network of this domain whose absolute output weights sum to at most ${figure(budget)} has an error below ${figure(errorFloor)}; those of this one sum to ${figure(l1)}.`,
    );
  if (biased !== undefined && biased <= BETTER * validationRmse)
    sentences.push(
      `y is far from 0, and a constant lowers the error on held-out rows from ${figure(validationRmse)} to ${figure(biased)}: set outputBias: true, or subtract the mean of y.`,
    );
  return sentences.join(" ");
}

/**
 * Regression with random hidden units from a bounded domain: fits the output layer by rank-revealing least squares, and
 * says whether the domain's bandwidth is too small for the target, with a lower bound on the error of any network of that
 * domain.
 *
 * @throws ArgumentError when shapes do not fit, the bandwidth or the budget is not positive, or an option is unknown
 * @throws DataError naming a number that is not finite, or of y too large to be squared, or when all rows of x are the same
 * @throws the signal's reason when `signal` is aborted
 * Source: Li, Sonoda, Cao, Wang & Liang 2023, "How Powerful are Shallow Neural Networks with Bandlimited Random
 * Weights?"; the certificate is that of `randomNetworkLowerBound`.
 */
export function randomFeatureRegression(options: RandomFeatureRegressionOptions): RandomFeatureRegression {
  checkGivenOptions("randomFeatureRegression", options, [
    "x",
    "y",
    "slope",
    "width",
    "activation",
    "ridge",
    "relativeCutoff",
    "budget",
    "validationShare",
    "seed",
    "outputBias",
    "directLinks",
    "signal",
  ]);
  const { x, y, slope: given, budget = 1000, signal, ...rest } = options;
  const { width = 200, validationShare = 0.25, seed = 0, activation = "sigmoid", ...fit } = rest;
  checkFiniteDense("x", x);
  if (!(y instanceof Float64Array)) throw new ArgumentError(`y must be a Float64Array, got ${shown(y)}`);
  checkLength("y", y, x.rows);
  checkFiniteVector("y", y);
  const huge = y.findIndex((value) => Math.abs(value) > LARGEST);
  if (huge >= 0)
    throw new DataError(
      `y must be within ±${LARGEST}, so that its squares are finite, got ${y[huge]} at index ${huge}; scale it`,
    );
  if (given !== undefined) checkPositive({ slope: given });
  checkPositive({ budget });
  checkPositiveInteger({ width });
  checkWithin("(0, 1)", { validationShare });
  checkNonNegativeInteger({ seed });
  ridgeActivation(activation);
  checkRows(x, y);
  checkVaries(x);
  const shared = { ...rest, x, y, width, solver: "qr" as const };
  const selected = given === undefined ? selectSlope({ ...shared, slopes: SLOPES, signal }) : undefined;
  const slope = given ?? selected?.slope ?? SLOPES[0];
  const split = holdOut(x, validationShare, seed);
  const own = validated(shared, split, slope).trial;
  let wider: SlopeTrial | undefined;
  for (const factor of WIDER) {
    signal?.throwIfAborted();
    const { trial } = validated(shared, split, factor * slope);
    if (wider === undefined || trial.validationRmse < wider.validationRmse) wider = trial;
  }
  if (wider === undefined) throw new Error("no wider domain was tried");
  const varies = y.some((value) => value !== y[0]);
  let biased: number | undefined;
  if (!fit.outputBias && varies && isFar(y)) {
    const { trials } = selectSlope({ ...shared, outputBias: true, slopes: given ? [given] : SLOPES, signal });
    biased = Math.min(...trials.map((trial) => trial.validationRmse));
  }
  const networkWith = (width: number) => {
    const units = randomUnits({ inputs: x.columns, width, slope, activation, seed });
    return fitRandomNetwork({ ...fit, x, y, units, solver: "qr" });
  };
  const network = networkWith(width);
  signal?.throwIfAborted();
  const dependent = network.rank < Math.min(network.coefficients.rows, x.rows);
  // Its own rank does not tell: in a wide domain many units are constant where the rows are, and more units raise it.
  const saturated = dependent && networkWith(2 * width).rank < GROWS * network.rank;
  signal?.throwIfAborted();
  const certificate = certificateOf(options, slope);
  const report = {
    tooSmall:
      own.validationRmse > ROUNDING * rmseOf(y, new Float64Array(y.length)) &&
      wider.validationRmse <= BETTER * own.validationRmse,
    slope,
    validationRmse: own.validationRmse,
    wider,
    saturated,
    rank: network.rank,
    errorFloor: Math.max(0, lowerBoundAt(certificate, budget)),
  };
  return {
    network,
    validationRmse: own.validationRmse,
    trials: selected?.trials ?? [],
    bandwidth: {
      ...report,
      message: messageOf(
        report,
        {
          budget,
          constant: constantError(y, split),
          varies,
          unscaled: unscaledColumn(x),
          biased,
        },
        network,
      ),
    },
    certificate,
    predict: (inputs) => network.predict(inputs),
  };
}
