import type { Tensor } from "@gradus/graph";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkFunction } from "../check/options.ts";
import { type ActivationName, activations } from "../nn/activations.ts";
import { type ClosedFormName, closedFormDuals, leakyReluDual } from "./closed-form-duals.ts";
import type { DualActivation } from "./dual-activation.ts";
import { type PlainActivation, quadratureDual } from "./quadrature-dual.ts";
import type { DualQuadratureOptions } from "./refined-dual.ts";
import { namedDual, tracedDual } from "./traced-dual.ts";

/**
 * An activation of an infinitely wide network: a name, a traced elementwise function, a plain function with its
 * derivative, or its dual.
 */
export type KernelActivation =
  | ClosedFormName
  | ActivationName
  | ((z: Tensor) => Tensor)
  | PlainActivation
  | DualActivation;

const isClosedForm = (name: string): name is ClosedFormName => Object.hasOwn(closedFormDuals, name);
const isActivation = (name: string): name is ActivationName => Object.hasOwn(activations, name);

/**
 * The dual of an activation: in closed form if there is one, otherwise by adaptive quadrature.
 *
 * @throws ArgumentError for an unknown name, or a value that is not an activation
 */
export function dualActivationOf(
  activation: KernelActivation,
  quadrature: Omit<DualQuadratureOptions, "name"> = {},
): DualActivation {
  if (typeof activation === "function") return tracedDual(activation, quadrature);
  if (typeof activation === "object" && activation !== null) {
    if (!("evaluate" in activation)) return quadratureDual(activation, quadrature);
    checkFunction({ "activation.evaluate": activation.evaluate });
    return activation;
  }
  if (isClosedForm(activation)) return closedFormDuals[activation];
  if (activation === "leakyRelu") return leakyReluDual();
  if (isActivation(activation)) return namedDual(activation, quadrature);
  const names = new Set([...Object.keys(closedFormDuals), ...Object.keys(activations)]);
  throw new ArgumentError(
    `activation must be a function, { value, derivative } or one of ${[...names].join(", ")}, got ${shown(activation)}`,
  );
}
