import type { Tensor } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { type ActivationName, activations } from "../nn/activations.ts";
import { type ClosedFormName, closedFormDuals, leakyReluDual } from "./closed-form-duals.ts";
import type { DualActivation } from "./dual-activation.ts";
import { type PlainActivation, quadratureDual } from "./quadrature-dual.ts";
import { tracedDual } from "./traced-dual.ts";

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
 * The dual of an activation: its closed form where there is one, else quadrature with `nodes` nodes.
 *
 * @throws ArgumentError for an unknown name
 */
export function dualActivationOf(
  activation: KernelActivation,
  { nodes }: { readonly nodes?: number } = {},
): DualActivation {
  if (typeof activation === "function") return tracedDual(activation, { nodes });
  if (typeof activation !== "string")
    return "evaluate" in activation ? activation : quadratureDual(activation, { nodes });
  if (isClosedForm(activation)) return closedFormDuals[activation];
  if (activation === "leakyRelu") return leakyReluDual();
  if (isActivation(activation)) return tracedDual(activations[activation], { nodes, name: activation });
  const names = new Set([...Object.keys(closedFormDuals), ...Object.keys(activations)]);
  throw new ArgumentError(
    `activation must be a function or one of ${[...names].join(", ")}, got "${activation as string}"`,
  );
}
