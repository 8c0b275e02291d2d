import type { ArrayValue, ImportedModel } from "@gradus/graph";
import { matchNames } from "./match-names.ts";

/**
 * The parameters of an imported model that training changes: all but those that a pattern matches (`*` stands for any
 * characters, as in `encoder.*`), those in `frozen`, and single numbers, which are constants of formulas in most files.
 *
 * @throws ArgumentError for a pattern that matches no parameter, listing their names
 */
export function trainableParameters(
  { parameters, frozen }: ImportedModel,
  freeze: readonly string[] = [],
): Record<string, ArrayValue> {
  const left = matchNames("freeze", freeze, Object.keys(parameters));
  return Object.fromEntries(
    Object.entries(parameters).filter(
      ([name, { shape }]) => shape.length > 0 && !frozen.includes(name) && !left.has(name),
    ),
  );
}
