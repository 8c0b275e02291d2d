import type { ArrayValue, ImportedModel } from "@gradus/graph";
import { matchNames } from "./match-names.ts";
import { parameterModules } from "./parameter-modules.ts";

/**
 * The names of parameters that a pattern of `freeze` matches.
 *
 * @throws ArgumentError for a pattern that matches no parameter, listing their names
 */
export function leftAlone(model: ImportedModel, freeze: readonly string[]): ReadonlySet<string> {
  return matchNames("freeze", freeze, Object.keys(model.parameters), (name) =>
    parameterModules(model, name).map((module) => `${module}.${name}`),
  );
}

/**
 * The parameters of an imported model that training changes: all but those that a pattern matches (`*` stands for any
 * characters, as in `encoder.*`), those in `frozen`, and single numbers, which are constants of formulas in most files.
 * A parameter that PyTorch has renamed while exporting, as `onnx::MatMul_280`, is also matched as one of its module:
 * `encoder.linear1.onnx::MatMul_280`.
 *
 * @throws ArgumentError for a pattern that matches no parameter, listing their names
 */
export function trainableParameters(
  model: ImportedModel,
  freeze: readonly string[] = [],
): Record<string, ArrayValue> {
  const { parameters, frozen } = model;
  const left = leftAlone(model, freeze);
  return Object.fromEntries(
    Object.entries(parameters).filter(
      ([name, { shape }]) => shape.length > 0 && !frozen.includes(name) && !left.has(name),
    ),
  );
}
