import { isTensor, type Tensor } from "@gradus/graph";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !isTensor(value);

/** @throws ArgumentError unless a loss returned a tensor, or one with the model's next state */
export function checkLossResult(result: unknown): void {
  if (isTensor(result) || (isRecord(result) && isTensor(result.loss))) return;
  throw new ArgumentError(`loss must return a tensor, or { loss, modelState }, got ${shown(result)}`);
}

const typeOf = (value: unknown): string =>
  isTensor(value) ? `${value.dtype}[${value.shape.join(", ")}]` : shown(value);

/**
 * @param paths places of the parameters in their tree
 * @throws ArgumentError unless an optimizer's update returned an update for each parameter, of its shape and type, and a
 *   state
 */
export function checkUpdate(result: unknown, parameters: readonly Tensor[], paths: readonly string[]): void {
  if (!isRecord(result) || !Array.isArray(result.updates) || result.state === undefined)
    throw new ArgumentError(`the optimizer's update must return { updates, state }, got ${shown(result)}`);
  const { updates } = result;
  if (updates.length !== parameters.length)
    throw new ArgumentError(
      `the optimizer's update must return ${parameters.length} updates, as many as there are parameters, got ${updates.length}`,
    );
  for (const [i, parameter] of parameters.entries())
    if (typeOf(updates[i]) !== typeOf(parameter))
      throw new ArgumentError(
        `the optimizer's update of ${paths[i]} must be ${typeOf(parameter)}, as the parameter is, got ${typeOf(updates[i])}`,
      );
}
