import { axpy, dot } from "./vector.ts";

/** v <- v - Q (Q^T v), one vector of Q at a time (modified Gram-Schmidt). */
export function projectOut(v: Float64Array, basis: readonly Float64Array[], count = basis.length): void {
  for (let j = 0; j < count; j++) axpy(-dot(basis[j], v), basis[j], v);
}

/**
 * Makes v orthogonal to an orthonormal basis to working precision: Gram-Schmidt twice, which is enough.
 * Source: Giraud, Langou, Rozloznik & van den Eshof 2005, "Rounding error analysis of the classical Gram-Schmidt
 * orthogonalization process".
 *
 * @param coefficients where given, Q^T v of the v that came in
 */
export function orthogonalize(
  v: Float64Array,
  basis: readonly Float64Array[],
  coefficients?: Float64Array,
): void {
  coefficients?.fill(0);
  for (let pass = 0; pass < 2; pass++)
    for (let j = 0; j < basis.length; j++) {
      const component = dot(basis[j], v);
      axpy(-component, basis[j], v);
      if (coefficients) coefficients[j] += component;
    }
}
