import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions, solve } from "../../iterate/iterate.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { blockCoordinateDescent } from "../coordinate/block-coordinate-descent.ts";
import { l1 } from "../coordinate/problem.ts";
import { blockLeastSquares } from "../coordinate/problems/least-squares.ts";
import { certified, type GlobalCertificate } from "./certificate.ts";
import { hiddenFeatures, unitDirections } from "./features.ts";
import { networkOfDirections, type ReluNetwork } from "./network.ts";
import { inTurns } from "./pieces.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "./problem.ts";
import { zeroMatrix } from "./products.ts";
import { fistaIterates } from "./sampled-iterates.ts";

/** Plain data from which the method continues bit for bit. */
export interface RefinedState {
  /** Unit directions, one a row. */
  readonly directions: DenseMatrix;
  /** Their output weights. */
  readonly alpha: Float64Array;
  readonly certificate: GlobalCertificate;
  /** Directions that violate the dual's constraint most, for the next round: one a row. */
  readonly violators: DenseMatrix;
}

/** Choices of the refined program, all of which have a default. */
export interface RefinementOptions {
  /** Directions drawn at first. */
  readonly samples?: number;
  /** Violating directions of each sign that a round adds. */
  readonly added?: number;
  /** Ends the method when the certificate's gap is at most this share of the objective. */
  readonly tolerance?: number;
  /** Random starts of the search for violating directions. */
  readonly starts?: number;
  readonly seed?: number;
}

const refinementOptions = ["samples", "added", "tolerance", "starts", "seed"] as const;

export interface RefinedNetworkOptions
  extends NetworkProblem,
    RefinementOptions,
    MethodOptions<RefinedState> {}

/** What an iterate shows. */
export interface RefinedNetworkView {
  readonly objective: number;
  readonly network: ReluNetwork;
  /** Hidden units. */
  readonly width: number;
  readonly certificate: GlobalCertificate;
}

/** A round of refinement. */
export type RefinedNetworkIterate = Iterate<RefinedState> & RefinedNetworkView;

/** Gap of a round's program, in units of the tolerance. */
export const INNER_GAP = 1e-3;
const INNER_STEPS = 20_000;
/** Starts of the last search, in units of those of the others. */
const VERIFY = 4;
/** Directions closer than this to one that was added are left out. */
const DISTINCT = 1e-6;

interface DirectionsOptions {
  readonly relativeGap: number;
  readonly maxIterations?: number;
  readonly signal?: AbortSignal;
  readonly onIterate?: (iteration: number, objective: number) => void;
}

/**
 * min over alpha of the program with given directions, from a starting point: by blocks of coordinates for the squared loss,
 * which takes a small part of FISTA's time, else by FISTA.
 */
export async function solveDirections(
  problem: CheckedProblem,
  directions: DenseMatrix,
  start: Float64Array,
  { relativeGap, maxIterations = INNER_STEPS, signal, onIterate }: DirectionsOptions,
): Promise<{ readonly alpha: Float64Array; readonly iterations: number }> {
  if (problem.loss.name !== "squared") {
    const method = fistaIterates(problem, directions, { tolerance: relativeGap, start, signal });
    const { iterate } = await solve(method, {
      maxIterations,
      onIterate: ({ iteration, objective }) => onIterate?.(iteration, objective),
    });
    return { alpha: iterate.alpha, iterations: iterate.iteration };
  }
  const squares = blockLeastSquares(hiddenFeatures(problem.design, directions), problem.y);
  try {
    const { x, iterations } = await blockCoordinateDescent(l1(squares, problem.beta), {
      x0: start,
      stop: { dualityGap: relativeGap },
      maxIterations,
      signal,
      onIterate: ({ iteration, value }) => onIterate?.(iteration, value),
    });
    return { alpha: x, iterations };
  } finally {
    // the copies in WebAssembly memory
    squares[Symbol.dispose]?.();
  }
}

/** Rows of `directions` whose weight is not 0, with their weights, and rows added with weight 0. */
function keptWith(directions: DenseMatrix, alpha: Float64Array, added: DenseMatrix) {
  const d = directions.columns;
  const kept = Array.from(alpha.keys()).filter((j) => alpha[j] !== 0);
  const rows = zeroMatrix(kept.length + added.rows, d);
  const weights = new Float64Array(rows.rows);
  kept.forEach((j, i) => {
    rows.values.set(directions.values.subarray(j * d, (j + 1) * d), i * d);
    weights[i] = alpha[j];
  });
  rows.values.set(added.values, kept.length * d);
  return { directions: rows, alpha: weights };
}

function similar(a: Float64Array, b: Float64Array): boolean {
  let square = 0;
  for (let i = 0; i < a.length; i++) square += (a[i] - b[i]) ** 2;
  return square < DISTINCT * DISTINCT;
}

/**
 * The sampled program with refinement: each round solves the program of the directions at hand, certifies the network, drops
 * directions of weight 0 and adds those that violate the dual's constraint  |nu^T (X u)_+| <= beta  most. The gap that the
 * certificate bounds closes.
 *
 * @throws ArgumentError when an option does not fit, or the loss has no gradient
 * @throws DataError naming the place of a number or label that does not fit
 * Source: the sampled program of Bai, Gautam & Sojoudi 2022; the refinement by violated constraints is ours.
 */
export function refinedNetworkIterates(options: RefinedNetworkOptions): Method<RefinedNetworkIterate> {
  checkGivenOptions("refinedNetworkIterates", options, [
    ...problemOptions,
    ...refinementOptions,
    "resume",
    "signal",
  ]);
  const problem = checkProblem(options);
  checkMethodOptions(options, ["directions", "alpha", "certificate", "violators"]);
  return refinedIterates(problem, options);
}

/** `refinedNetworkIterates` for what was checked. */
export function refinedIterates(
  problem: CheckedProblem,
  options: RefinementOptions & MethodOptions<RefinedState>,
): Method<RefinedNetworkIterate> {
  const { samples = 200, added = 10, tolerance = 1e-3, starts = 1000, seed = 0, resume, signal } = options;
  checkPositiveInteger({ samples, added, starts });
  checkPositive({ tolerance });
  checkNonNegativeInteger({ seed });
  if (problem.loss.smoothness === undefined)
    throw new ArgumentError(
      `the sampled program needs a loss with a gradient, got "${problem.loss.name}"; use convexNetworkIterates`,
    );
  const { design, beta, intercept } = problem;

  async function solved(directions: DenseMatrix, start: Float64Array, round: number): Promise<RefinedState> {
    const { alpha } = await solveDirections(problem, directions, start, {
      relativeGap: INNER_GAP * tolerance,
      signal,
    });
    const network = networkOfDirections(directions, alpha, intercept);
    const search = (options: { readonly starts: number; readonly seed: number }) =>
      inTurns(certified(problem, network, options), signal);
    const first = await search({ starts, seed: seed + round });
    // before the end the search is repeated with more starts: what it missed would be a false end
    const { relativeGap, kind } = first.certificate;
    const second =
      relativeGap <= tolerance && kind === "estimated"
        ? await search({ starts: VERIFY * starts, seed: seed + round + VERIFY })
        : first;
    const { worst, certificate } =
      second.certificate.overshoot > first.certificate.overshoot ? second : first;
    const chosen: Float64Array[] = [];
    for (const sign of [1, -1]) {
      let count = 0;
      for (const { direction, score } of worst.directions) {
        if (count === added) break;
        if (sign * score <= beta || chosen.some((other) => similar(other, direction))) continue;
        chosen.push(direction);
        count += 1;
      }
    }
    const violators = zeroMatrix(chosen.length, design.columns);
    chosen.forEach((direction, i) => {
      violators.values.set(direction, i * design.columns);
    });
    return { directions, alpha, certificate, violators };
  }

  return iterates(
    {
      start: () => solved(unitDirections(samples, design.columns, seed), new Float64Array(samples), 0),
      step({ directions, alpha, violators }, iteration) {
        const next = keptWith(directions, alpha, violators);
        return solved(next.directions, next.alpha, iteration + 1);
      },
      view({ directions, alpha, certificate, violators }) {
        const network = networkOfDirections(directions, alpha, intercept);
        return {
          objective: certificate.objective,
          network,
          width: alpha.reduce((count, weight) => count + Number(weight !== 0), 0),
          certificate,
          done: certificate.relativeGap <= tolerance || violators.rows === 0,
        };
      },
    },
    { resume, signal },
  );
}
