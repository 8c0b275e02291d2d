import type { ConjugateGradientStepper } from "../linalg/krylov/conjugate-gradient-state.ts";
import type { CompiledSystem } from "../linalg/operator/contract.ts";

/** A product with the Hessian, as objectives have it. */
type Product = (x: Float64Array, v: Float64Array) => unknown;

/** Conjugate gradients with H(x) where they are compiled. */
export type NewtonStepper = (x: Float64Array, system: CompiledSystem) => ConjugateGradientStepper | undefined;

// by the function, so that an objective made from another one with products of its own does not keep the other's
const known = new WeakMap<Product, NewtonStepper>();

/** The same product, for which there are compiled conjugate gradients. */
export function withCompiledNewton<P extends Product>(product: P, stepper: NewtonStepper | undefined): P {
  if (stepper) known.set(product, stepper);
  return product;
}

/** The compiled conjugate gradients of a product, where it has them. */
export const compiledNewtonOf = (product: Product): NewtonStepper | undefined => known.get(product);
