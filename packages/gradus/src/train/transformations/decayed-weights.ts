import { add, mul, type Operand } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type GradientTransformation, stateless } from "../transformation.ts";

export interface DecayedWeightsOptions {
  /** Which parameters decay, by their places in the tree: `(path) => path.endsWith("weights")`. All when left out. */
  readonly where?: (path: string) => boolean;
}

/**
 * u + decay w. First in a chain it is the gradient of the penalty (decay/2) |w|^2; after a scaling such as
 * `scaleByAdam` it is weight decay decoupled from that scaling (Loshchilov and Hutter, 2019).
 *
 * @param decay a number, or a scalar tensor such as a setting that runs change
 * @throws ArgumentError unless a decay that is a number is finite and >= 0
 * @throws ArgumentError when tracing, if `where` chooses no parameter
 */
export function addDecayedWeights(
  decay: Operand,
  options: DecayedWeightsOptions = {},
): GradientTransformation {
  checkOptions("addDecayedWeights", options, ["where"]);
  const { where = () => true } = options;
  if (typeof decay === "number") checkNonNegative({ decay });
  return stateless(
    (updates, { parameters, paths }) => {
      if (!paths.some(where))
        throw new ArgumentError(`where must select at least one of the parameters ${paths.join(", ")}`);
      return updates.map((u, i) => (where(paths[i]) ? add(u, mul(parameters[i], decay)) : u));
    },
    { elementwise: options.where ? false : "behind others" },
  );
}
