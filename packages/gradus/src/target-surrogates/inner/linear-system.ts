import { ArgumentError } from "../../check/errors.ts";
import type { DesignMap } from "../../objectives/design-map.ts";
import type { TargetSurrogate } from "../surrogate.ts";

/** The matrix and weights of a surrogate that is quadratic in the parameters; undefined for any other. */
export function quadraticParts({
  map: { design },
  model: { weights },
}: TargetSurrogate): { readonly design: DesignMap; readonly weights: Float64Array } | undefined {
  return design && weights ? { design, weights } : undefined;
}

/** @throws ArgumentError when the surrogate is not quadratic in the parameters */
export function requireQuadratic(surrogate: TargetSurrogate, solver: string) {
  const parts = quadraticParts(surrogate);
  if (parts === undefined)
    throw new ArgumentError(
      `inner "${solver}" needs a linear model and a quadratic proximal term; otherwise use "armijo" or "gaussNewton"`,
    );
  return parts;
}

/** X^T v. */
export function adjoint(design: DesignMap, v: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(design.columns);
  design.adjoint(v, out);
  return out;
}

/** Steps from which two products each make up for copying a batch. */
const COPIED_STEPS = 4;

/** A batch's matrix in WebAssembly memory, where that is faster for the number of steps. */
export function copyFor(design: DesignMap, steps: number): (DesignMap & Disposable) | undefined {
  return steps >= COPIED_STEPS ? design.copied?.() : undefined;
}
