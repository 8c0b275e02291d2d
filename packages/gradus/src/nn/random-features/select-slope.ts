import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import {
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
  checkWithin,
} from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Fold } from "../../data/folds.ts";
import { selectRows } from "../../data/rows.ts";
import type { RightSide } from "../../linalg/factorize/triangular.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { RidgeActivationName } from "./activations.ts";
import {
  type FitRandomNetworkOptions,
  fitRandomNetwork,
  type OutputLayer,
  type RandomNetwork,
} from "./fit.ts";
import { randomUnits } from "./hidden-units.ts";
import { holdOut } from "./hold-out.ts";

export interface SelectSlopeOptions<Y extends RightSide = RightSide>
  extends OutputLayer,
    Pick<FitRandomNetworkOptions<Y>, "x" | "y" | "solver" | "relativeCutoff" | "ridge"> {
  /** Half-widths of the domain to try. */
  readonly slopes: readonly number[];
  readonly width: number;
  readonly activation?: RidgeActivationName;
  /** Share of the distinct rows that is held out. */
  readonly validationShare?: number;
  readonly seed?: number;
  /** Called after each fit, with how many of how many are done. */
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** A half-width of the domain, and how well its network predicts held-out rows. */
export interface SlopeTrial {
  readonly slope: number;
  readonly trainRmse: number;
  readonly validationRmse: number;
  readonly rank: number;
}

/** The chosen half-width, and its network. */
export interface SelectedSlope<Y extends RightSide = RightSide> {
  /** That with the smallest validation error. */
  readonly slope: number;
  /** In the order of `slopes`. */
  readonly trials: readonly SlopeTrial[];
  /** Fitted to the rows that were not held out. */
  readonly network: RandomNetwork<Y>;
}

/** Root mean square difference of two right-hand sides. */
export function rmseOf(one: RightSide, other: RightSide): number {
  const [p, q] = [one, other].map((side) => (side instanceof Float64Array ? side : side.values));
  let squares = 0;
  for (let k = 0; k < p.length; k++) squares += (p[k] - q[k]) ** 2;
  return Math.sqrt(squares / p.length);
}

/** Rows of a right-hand side. */
function sideRows(y: RightSide, rows: ArrayLike<number>): RightSide {
  return y instanceof Float64Array ? selectRows(y, rows) : selectRows(y, rows);
}

/** Fits on the training rows of a split and predicts the others. */
export function validated(
  options: Omit<SelectSlopeOptions, "slopes" | "onProgress" | "signal">,
  { train, test }: Fold,
  slope: number,
): { readonly trial: SlopeTrial; readonly network: RandomNetwork } {
  const { x, y, width, activation = "sigmoid", seed = 0, validationShare: _, ...fit } = options;
  const units = randomUnits({ inputs: x.columns, width, slope, activation, seed });
  const network = fitRandomNetwork({ ...fit, units, x: selectRows(x, train), y: sideRows(y, train) });
  const validationRmse = rmseOf(network.predict(selectRows(x, test)), sideRows(y, test));
  return { trial: { slope, trainRmse: network.trainRmse, validationRmse, rank: network.rank }, network };
}

/**
 * Chooses the half-width of the domain on held-out rows: too small a domain cannot follow the target, too wide a one leaves
 * too few units where the data are. Inputs should be scaled to a common range first.
 *
 * @throws ArgumentError, DataError as `fitRandomNetwork`, or when there is no slope or one is not positive
 * @throws the signal's reason when `signal` is aborted
 */
export function selectSlope<Y extends RightSide>(options: SelectSlopeOptions<Y>): SelectedSlope<Y>;
export function selectSlope(options: SelectSlopeOptions): SelectedSlope {
  checkGivenOptions("selectSlope", options, [
    "x",
    "y",
    "slopes",
    "width",
    "activation",
    "validationShare",
    "seed",
    "solver",
    "relativeCutoff",
    "ridge",
    "outputBias",
    "directLinks",
    "onProgress",
    "signal",
  ]);
  const { slopes, onProgress, signal, ...rest } = options;
  const { width, validationShare = 0.25, seed = 0 } = rest;
  if (!Array.isArray(slopes) || slopes.length === 0)
    throw new ArgumentError(`slopes must be an array of at least one number, got ${shown(slopes)}`);
  for (const [k, slope] of slopes.entries()) checkPositive({ [`slopes[${k}]`]: slope });
  checkPositiveInteger({ width });
  checkNonNegativeInteger({ seed });
  checkWithin("(0, 1)", { validationShare });
  checkRows(options.x, options.y);
  const split = holdOut(options.x, validationShare, seed);
  let best: ReturnType<typeof validated> | undefined;
  const trials = slopes.map((slope, k) => {
    signal?.throwIfAborted();
    const found = validated(rest, split, slope);
    if (best === undefined || found.trial.validationRmse < best.trial.validationRmse) best = found;
    onProgress?.(k + 1, slopes.length);
    return found.trial;
  });
  if (best === undefined) throw new ArgumentError("slopes must have at least one number");
  return { slope: best.trial.slope, trials, network: best.network };
}

/** @throws ArgumentError when x and y differ in their rows or there are too few to hold some out */
export function checkRows(x: DenseMatrix, y: RightSide): void {
  const rows = y instanceof Float64Array ? y.length : y.rows;
  if (rows !== x.rows) throw new ArgumentError(`x and y must have as many rows, got ${x.rows} and ${rows}`);
  if (rows < 4) throw new ArgumentError(`x must have at least 4 rows to hold some out, got ${rows}`);
}
