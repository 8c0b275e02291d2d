import { ArgumentError } from "../../../check/errors.ts";
import { checkNonNegative, checkWithin } from "../../../check/numbers.ts";
import { backtrackingUpdate } from "./backtracking.ts";
import { projectedNewtonUpdate, proxUpdate, twoMetricUpdate } from "./composite.ts";
import type { BlockUpdate, BlockUpdater, UpdateContext } from "./contract.ts";
import { newtonUpdate } from "./newton.ts";
import { exactUpdate, gradientUpdate, matrixUpdate } from "./smooth.ts";
import { sweepsUpdate } from "./sweeps.ts";

/** What single rules are given in addition to the problem. */
export interface UpdateOptions {
  /** `backtracking`: factor on the constant that a block keeps; 1 as in the paper, 0.5 lets it come down again. */
  readonly relaxation?: number;
  /** `two-metric`: x_i up to this counts as being at its bound; 1e-4 times the median positive x_i by default. */
  readonly activeTolerance?: number;
}

const composite: readonly BlockUpdate[] = ["prox", "projected-newton", "two-metric", "sweeps"];

/**
 * The update rule with a given name.
 *
 * @throws ArgumentError for a rule that does not fit the problem's penalty or kind, or an option out of range
 */
export function updateRule(
  update: BlockUpdate,
  context: UpdateContext,
  { relaxation = 1, activeTolerance }: UpdateOptions,
  forests: boolean,
): BlockUpdater {
  const { penalty, quadratic } = context.problem;
  checkWithin("(0, 1]", { relaxation });
  if (activeTolerance !== undefined) checkNonNegative({ activeTolerance });
  if (penalty && !composite.includes(update))
    throw new ArgumentError(
      `update "${update}" is for smooth problems; with a penalty use ${composite.join(", ")}`,
    );
  if (!penalty && composite.includes(update))
    throw new ArgumentError(`update "${update}" needs a penalty (nonnegativeL1 or l1)`);
  if (update === "exact" && !quadratic) throw new ArgumentError('update "exact" needs a quadratic problem');
  switch (update) {
    case "gradient":
      return gradientUpdate(context);
    case "matrix":
      return matrixUpdate(context);
    case "newton":
      return newtonUpdate(context);
    case "exact":
      return exactUpdate(context, forests);
    case "backtracking":
      return backtrackingUpdate(context, relaxation);
    case "prox":
      return proxUpdate(context);
    case "projected-newton":
      return projectedNewtonUpdate(context, penalty ?? { kind: "l1", lambda: 0 });
    case "sweeps":
      return sweepsUpdate(context, penalty ?? { kind: "l1", lambda: 0 });
    case "two-metric":
      if (penalty?.kind !== "nonnegative-l1")
        throw new ArgumentError('update "two-metric" needs nonnegativity');
      return twoMetricUpdate(context, penalty, activeTolerance);
    default:
      throw new ArgumentError(`update must be an update rule, got ${String(update)}`);
  }
}
