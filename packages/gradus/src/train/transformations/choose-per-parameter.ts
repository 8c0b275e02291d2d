import type { Tensor, Tree } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import type { GradientTransformation } from "../transformation.ts";

/** Two transformations, and which parameters each of them moves. */
export interface ChosenPerParameter {
  /** Which parameters `chosen` moves, by their places in the tree: `(path) => path.endsWith("weights")`. */
  readonly where: (path: string) => boolean;
  readonly chosen: GradientTransformation;
  readonly others: GradientTransformation;
}

/**
 * One transformation for some parameters and another one for the rest. Both see all gradients, so that a norm is that
 * of all of them.
 *
 * @throws ArgumentError when `where` is not a function or an option is unknown; when tracing, if it chooses no parameter
 */
export function choosePerParameter(
  options: ChosenPerParameter,
): GradientTransformation<readonly Tree<Tensor>[]> {
  checkGivenOptions("choosePerParameter", options, ["where", "chosen", "others"]);
  const { where, chosen, others } = options;
  checkFunction({ where });
  return {
    init: (parameters) => [chosen.init(parameters), others.init(parameters)],
    update(gradients, [first, second], context) {
      if (!context.paths.some(where))
        throw new ArgumentError(
          `where must select at least one of the parameters ${context.paths.join(", ")}`,
        );
      const one = chosen.update(gradients, first, context);
      const other = others.update(gradients, second, context);
      return {
        updates: context.paths.map((path, i) => (where(path) ? one : other).updates[i]),
        state: [one.state, other.state],
      };
    },
  };
}
