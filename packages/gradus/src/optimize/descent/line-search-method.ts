import { areFinite } from "../../check/arrays.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";
import type { AcceptedStep, FirstStep, LineSearch, SearchStart } from "../line-search/contract.ts";
import { strongWolfe } from "../line-search/strong-wolfe.ts";
import { HIDDEN_DECREASE } from "../minimize-messages.ts";
import {
  type DescentCounts,
  type DescentIterate,
  type DescentPoint,
  type DescentState,
  descentIterates,
  type Landing,
  type NoStep,
  roundingOf,
} from "./descent.ts";

/** What a step along a line shows. */
export interface LineSearchFigures {
  readonly stepSize: number;
}

/** A step that was made, as a direction learns from it. */
export interface LineStep {
  readonly before: DescentPoint;
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  readonly stepSize: number;
}

/** A direction, and where a search along it begins. */
export interface Line extends FirstStep {
  readonly direction: Float64Array;
  /** The size of the rounding of the value, where it is known to be more than some roundings of the value. */
  readonly rounding?: number;
}

/**
 * What a method steps along. Functions of plain memory that is never modified, so that every iterate resumes the
 * method; how far to go is the search's.
 */
export interface Direction<Memory> {
  init(start: DescentPoint): Memory;
  /** The line from a point. Adds what it asks for to `counts`. */
  at(point: DescentPoint, memory: Memory, counts: DescentCounts): MaybePromise<Line>;
  /** The memory after a step. */
  next(memory: Memory, step: LineStep): Memory;
  /** What to try once where no step is found; undefined where there is nothing to forget. */
  restart?(memory: Memory): Memory | undefined;
  /** The nearest point that the problem allows, for methods with bounds. */
  project?(x: Float64Array): Float64Array;
  /** The size of the gradient that tolerances are compared with; the Euclidean norm by default. */
  measure?(gradient: Float64Array, x: Float64Array): number;
}

/** The state of a method that steps along lines. */
export type LineSearchState<Memory> = DescentState<Memory, LineSearchFigures>;
/** An iterate of a method that steps along lines. */
export type LineSearchIterate<Memory = unknown> = DescentIterate<LineSearchFigures, Memory>;

/** Of the longest step: a guess is no longer, so that it moves x by some ten of its lengths. */
const NEAR = 1e-9;

/** A method of descent by a direction and a search. */
export function lineSearchMethod<Memory>(
  objective: Objective,
  x0: Float64Array,
  options: MethodOptions<LineSearchState<Memory>>,
  direction: Direction<Memory>,
  search: LineSearch,
): Method<LineSearchIterate<Memory>> {
  type Result = Landing<Memory, LineSearchFigures> | NoStep<Memory, LineSearchFigures>;

  const measure = direction.measure ?? norm2;

  /**
   * @param again where a first attempt found no step: what the search begins with, or 0 for what the memory says
   * @param wasHidden whether rounding hid what the step of the first attempt promised
   */
  function attempt(
    state: LineSearchState<Memory>,
    memory: Memory,
    counts: DescentCounts,
    again?: number,
    wasHidden = false,
  ): MaybePromise<Result> {
    return whenReady(direction.at(state, memory, counts), (line) => {
      const { direction: d, maximalStep } = line;
      const { x, value, gradient } = state;
      const start = { x, value, gradient, direction: d };
      const slope = Math.abs(dot(gradient, d));
      const initialStep = Math.min(again || line.initialStep, maximalStep ?? Number.POSITIVE_INFINITY);

      function fail(status: NoStep<Memory, LineSearchFigures>["status"], reason: string, trials: number) {
        const failed = { status, reason, memory, figures: { trials, stepSize: Number.NaN } };
        if (status === "unbounded") return failed;
        const less = again === undefined && direction.restart?.(memory);
        if (less) return attempt(state, less, counts, 0, hidden);
        // At x0 no step before tells the units. By its slope the value is 0 here, far away where x0 is nearly stationary.
        const other = Math.abs(value) / slope;
        const isNear = other > 0 && other <= NEAR * unboundedStep(start);
        if (state.step || again || !isNear) return failed;
        return whenReady(attempt(state, memory, counts, other), (found) => ("x" in found ? found : failed));
      }

      /** Whether rounding hides what a step promises. */
      const isHidden = (stepSize: number, rounding = roundingOf(value)) => slope * stepSize <= rounding;
      const hidden = wasHidden || isHidden(initialStep, line.rounding);

      function land({ value, stepSize, ...found }: AcceptedStep, gradient: Float64Array) {
        const trials = found.evaluations.values;
        const x = direction.project?.(found.x) ?? found.x;
        if (!areFinite(gradient))
          return fail("no-acceptable-step", `the gradient is not finite where the value is ${value}`, trials);
        // where rounding hides the decrease, the gradient tells
        if (isHidden(stepSize) && !(measure(gradient, x) < state.gradientNorm))
          return fail("precision-limit", HIDDEN_DECREASE, trials);
        const step = { before: state, x, gradient, direction: d, stepSize };
        return { x, value, gradient, memory: direction.next(memory, step), figures: { trials, stepSize } };
      }

      const first = { initialStep, ...(maximalStep && { maximalStep }) };
      return whenReady(search(objective, start, first), (found): MaybePromise<Result> => {
        const { values, gradients } = found.evaluations;
        counts.evaluations += values;
        counts.gradients += gradients;
        if (found.status === "accepted") {
          if (found.gradient) return land(found, found.gradient);
          counts.gradients += 1;
          return whenReady(objective.gradient(found.x), (gradient) => land(found, gradient));
        }
        return found.status === "unbounded"
          ? fail("unbounded", found.message, values)
          : fail(
              hidden ? "precision-limit" : "no-acceptable-step",
              `${found.message}: ${HIDDEN_DECREASE}`,
              values,
            );
      });
    });
  }

  return descentIterates<Memory, LineSearchFigures>(objective, x0, options, {
    measure,
    init: direction.init,
    step: (state, counts) => attempt(state, state.memory, counts),
  });
}

/** How much longer than the last step a search may begin. */
const GROWTH = 10;

/** The step with the same first-order change as the last one had (Nocedal and Wright, 2006, section 3.5). */
export function similarStep(
  last: { readonly stepSize: number; readonly slope: number },
  slope: number,
): number {
  return Math.min(GROWTH * last.stepSize, (last.stepSize * last.slope) / slope);
}

/**
 * A power of two near a length whose square may overflow or underflow; 1 for all others.
 *
 * @param largest the exponent up to which no power may
 */
export function lengthUnit(length: number, largest = 480): number {
  const exponent = Math.floor(Math.log2(length));
  return Math.abs(exponent) > largest ? 2 ** exponent : 1;
}

/** The line along -g, in the unit of its length. */
export function steepestLine(gradient: Float64Array): Line {
  const length = norm2(gradient);
  const unit = lengthUnit(length);
  return { direction: gradient.map((gj) => -gj / unit), initialStep: Math.min(1, 1 / length) * unit };
}

/** Rounding of values near a minimum, as a share of them, that the searches of these methods let pass. */
export const VALUE_ROUNDING = 4 * Number.EPSILON;

/**
 * The longest step where nothing else bounds it, which moves x by 1e10 of its lengths, or by 1e10 or more: directions are
 * short where f is small or x is in large units.
 */
export const unboundedStep = ({ x, direction }: Pick<SearchStart, "x" | "direction">): number =>
  (1e10 * Math.max(1, norm2(x))) / Math.min(1, norm2(direction) + 1e-290);

/** The search of a method whose directions have a natural length: strong Wolfe conditions, with room for rounding. */
export const wolfeSearch: LineSearch = (objective, start, first) =>
  strongWolfe(objective, start, {
    maximalStep: unboundedStep(start),
    ...first,
    valueTolerance: VALUE_ROUNDING,
  });
