import { checkNonNegativeInteger, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { lbfgs } from "../quasi-newton/lbfgs.ts";
import { centralPoint } from "./central-path.ts";
import { type Certified, certified, type GlobalCertificate } from "./certificate.ts";
import { hiddenFeatures, unitDirections } from "./features.ts";
import { checkedObjective, networkOfDirections, type ReluNetwork } from "./network.ts";
import { descentOf } from "./network-descent.ts";
import { inTurns } from "./pieces.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "./problem.ts";
import { zeroMatrix } from "./products.ts";
import { largestUnits, mergedUnits, type Units } from "./units.ts";

/** Plain data from which the method continues bit for bit. */
export interface WidenedState extends Units {
  /** n numbers: the dual point with the highest bound so far, scaled. */
  readonly dual: Float64Array;
  /** Its bound, which no direction that was found lowers. */
  readonly lowerBound: number;
  readonly objective: number;
  /** Directions that violate the dual's constraint, for the next round: one a row. */
  readonly violators: DenseMatrix;
  /** Of the full search that ends the method. */
  readonly certificate: GlobalCertificate | undefined;
}

/** Choices of the method, all of which have a default. */
export interface WideningOptions {
  /** Directions drawn at first. */
  readonly samples?: number;
  /** Violating directions that a round adds for each dual point. */
  readonly added?: number;
  /** Ends the method when the certificate's gap is at most this share of the objective. */
  readonly tolerance?: number;
  /** Random starts of a round's search for violating directions. */
  readonly starts?: number;
  readonly seed?: number;
}

export interface WidenedNetworkOptions extends NetworkProblem, WideningOptions, MethodOptions<WidenedState> {}

/** What an iterate shows. */
export interface WidenedNetworkView {
  readonly objective: number;
  /** By the coarse searches so far: a direction that they missed would lower it. */
  readonly lowerBound: number;
  readonly network: ReluNetwork;
  /** Hidden units. */
  readonly width: number;
  /** Of a full search, which the method makes where the coarse ones close the gap. */
  readonly certificate: GlobalCertificate | undefined;
}

/** A round of widening. */
export type WidenedNetworkIterate = Iterate<WidenedState> & WidenedNetworkView;

/** Steps of descent in a round, which ends early once this many steps gain less than this share of the gap. */
const DESCENT_STEPS = 100;
const LOOK_EVERY = 10;
const SMALL_GAIN = 0.01;
/** A round whose descent gains this share of the gap is followed by one that adds no directions. */
const GAINING = 0.3;
/** The gap of a round's program, in units of the gap so far and of the tolerance. */
const PROGRAM_GAP = 0.005;
const PROGRAM_TOLERANCE = 0.01;
/** Small weights are left out while their penalty is at most this share of the gap. */
const LEFT_OUT = 0.05;
/** The same after descent, as a share of the gap that ends the method: units just added are small at first. */
const TIDY = 0.1;
/** Random starts of the last search, in units of those of the others. */
const VERIFY = 8;
/** Directions whose cosine with one that was added is above this are left out. */
const SAME = 1 - 1e-5;

const networkOfUnits = ({ directions, alpha }: Units, intercept: boolean) =>
  networkOfDirections(directions, alpha, intercept);

/** The units after steps of descent on all of their weights, until these gain little. */
async function descended(
  problem: CheckedProblem,
  { directions, alpha }: Units,
  smallGain: number,
  signal: AbortSignal | undefined,
): Promise<Units> {
  const { rows: m, columns: d } = directions;
  // where the penalty is large, no units may be left
  if (m === 0) return { directions, alpha };
  const { objective } = descentOf(problem, m);
  const start = new Float64Array(m * (d + 1));
  for (let j = 0; j < m; j++) {
    const scale = Math.sqrt(Math.abs(alpha[j]));
    for (let i = j * d; i < (j + 1) * d; i++) start[i] = scale * directions.values[i];
    start[m * d + j] = Math.sign(alpha[j]) * scale;
  }
  let x: Float64Array = start;
  let before = Number.POSITIVE_INFINITY;
  for await (const iterate of lbfgs(objective, start, { signal })) {
    x = iterate.x;
    if (iterate.iteration === DESCENT_STEPS) break;
    if (iterate.iteration % LOOK_EVERY !== 0) continue;
    if (before - iterate.value < smallGain) break;
    before = iterate.value;
  }
  const rows = zeroMatrix(m, d);
  const weights = new Float64Array(m);
  for (let j = 0; j < m; j++) {
    let square = 0;
    for (let i = j * d; i < (j + 1) * d; i++) square += x[i] * x[i];
    const length = Math.sqrt(square);
    weights[j] = length * x[m * d + j];
    for (let i = j * d; i < (j + 1) * d; i++) rows.values[i] = length > 0 ? x[i] / length : 0;
  }
  return { directions: rows, alpha: weights };
}

/** The given directions, then up to `added` of each search that violate the dual's constraint, apart from each other. */
function withViolators(
  { directions }: Units,
  searches: readonly Certified[],
  added: number,
  beta: number,
): DenseMatrix {
  const d = directions.columns;
  const chosen: Float64Array[] = [];
  for (const { worst } of searches) {
    let count = 0;
    for (const { direction, score } of worst.directions) {
      if (count === added || Math.abs(score) <= beta) break;
      const near = chosen.some((other) => {
        let cosine = 0;
        for (let i = 0; i < d; i++) cosine += other[i] * direction[i];
        return cosine > SAME;
      });
      if (near) continue;
      chosen.push(direction);
      count += 1;
    }
  }
  const rows = zeroMatrix(chosen.length, d);
  chosen.forEach((direction, i) => {
    rows.values.set(direction, i * d);
  });
  return rows;
}

function stacked(first: DenseMatrix, second: DenseMatrix): DenseMatrix {
  const all = zeroMatrix(first.rows + second.rows, first.columns);
  all.values.set(first.values);
  all.values.set(second.values, first.values.length);
  return all;
}

/**
 * Descent on the weights of a network that is widened where it can gain. A round
 *
 *     adds directions that violate the dual's constraint  |nu^T (X u)_+| <= beta,
 *     solves the convex program of their output weights and those of the units at hand near its central path,
 *     and descends by L-BFGS on all weights, where the loss has a gradient.
 *
 * The duals of the program and of the network bound the optimum. Rounds search for violating directions coarsely; where the
 * gap closes, a full search certifies it, and what that finds is added.
 *
 * @throws ArgumentError when an option does not fit
 * @throws DataError naming the place of a number or label that does not fit
 * Source: the certificate is that of the dual of Bai, Gautam & Sojoudi 2022; the method is ours.
 */
export function widenedNetworkIterates(options: WidenedNetworkOptions): Method<WidenedNetworkIterate> {
  checkGivenOptions("widenedNetworkIterates", options, [
    ...problemOptions,
    "samples",
    "added",
    "tolerance",
    "starts",
    "seed",
    "resume",
    "signal",
  ]);
  const problem = checkProblem(options);
  checkMethodOptions(options, ["directions", "alpha", "dual", "lowerBound", "objective", "violators"]);
  return widenedIterates(problem, options);
}

/** `widenedNetworkIterates` for what was checked. */
export function widenedIterates(
  problem: CheckedProblem,
  options: WideningOptions & MethodOptions<WidenedState>,
): Method<WidenedNetworkIterate> {
  const { samples = 300, added = 100, tolerance = 1e-3, starts = 256, seed = 0, resume, signal } = options;
  checkPositiveInteger({ samples, added, starts });
  checkPositive({ tolerance });
  checkNonNegativeInteger({ seed });
  const { design, y, beta, loss, intercept } = problem;
  const smooth = loss.smoothness !== undefined;

  async function round(
    { directions, alpha, violators, ...known }: Omit<WidenedState, "objective" | "certificate">,
    iteration: number,
    knownGap: number,
  ): Promise<WidenedState> {
    let units: Units = { directions, alpha };
    let { dual, lowerBound } = known;
    let central: Float64Array | undefined;
    if (violators.rows > 0) {
      const all = stacked(directions, violators);
      const relativeGap = Math.max(PROGRAM_GAP * knownGap, PROGRAM_TOLERANCE * tolerance);
      const point = await inTurns(
        centralPoint(problem, hiddenFeatures(all, design), dual, relativeGap),
        signal,
      );
      central = point.nu;
      // what is left out is made up for by descent alone
      const leftOut = smooth ? LEFT_OUT * knownGap * point.objective : point.objective - point.bound;
      units = largestUnits({ directions: all, alpha: point.alpha }, iteration === 0 ? 0 : leftOut / beta);
    }
    const search = (nu: Float64Array | undefined, full: boolean, from: number) =>
      inTurns(
        certified(problem, networkOfUnits(units, intercept), {
          dual: nu,
          starts: full ? VERIFY * starts : starts,
          seed: seed + 3 * iteration + from,
          search: full ? "full" : "coarse",
        }),
        signal,
      );
    const keep = (found: Certified) => {
      if (found.certificate.lowerBound <= lowerBound) return;
      lowerBound = found.certificate.lowerBound;
      dual = found.dual;
    };
    const objectiveOf = () => checkedObjective(problem, networkOfUnits(units, intercept));
    const start = objectiveOf();
    if (smooth) units = await descended(problem, units, SMALL_GAIN * knownGap * start, signal);
    units = mergedUnits(problem.design, units);
    if (smooth) units = largestUnits(units, (TIDY * tolerance * start) / beta);
    const objective = objectiveOf();
    const searches: Certified[] = [];
    if (central) searches.push(await search(central, false, 0));
    if (smooth || !central) searches.push(await search(undefined, false, 1));
    searches.forEach(keep);
    const gap = objective - lowerBound;
    if (gap <= tolerance * objective) {
      const last = await search(dual, true, 2);
      if (last.certificate.relativeGap <= tolerance || last.certificate.kind === "proved")
        return {
          ...units,
          dual,
          lowerBound,
          objective,
          violators: zeroMatrix(0, design.columns),
          certificate: last.certificate,
        };
      ({ dual } = last);
      ({ lowerBound } = last.certificate);
      searches.unshift(last);
    }
    const gains = smooth && start - objective > GAINING * gap;
    const next = gains ? zeroMatrix(0, design.columns) : withViolators(units, searches, added, beta);
    return { ...units, dual, lowerBound, objective, violators: next, certificate: undefined };
  }

  return iterates(
    {
      start: () =>
        round(
          {
            directions: zeroMatrix(0, design.columns),
            alpha: new Float64Array(0),
            violators: unitDirections(samples, design.columns, seed),
            dual: y.slice(),
            lowerBound: 0,
          },
          0,
          1,
        ),
      step: (state, iteration) =>
        round(state, iteration + 1, (state.objective - state.lowerBound) / state.objective),
      view({ directions, alpha, objective, lowerBound, certificate }) {
        return {
          objective,
          lowerBound,
          network: networkOfUnits({ directions, alpha }, intercept),
          width: alpha.length,
          certificate,
          done: certificate !== undefined,
        };
      },
    },
    { resume, signal },
  );
}
