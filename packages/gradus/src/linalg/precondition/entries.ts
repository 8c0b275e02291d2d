import { ArgumentError } from "../../check/errors.ts";
import { checkMatrix, type Matrix } from "../matrix.ts";

/**
 * Checks that an argument is a matrix; of an operator the error says how to make one.
 *
 * @throws ArgumentError when it is no matrix
 */
export function checkEntries(name: string, A: Matrix): void {
  if (typeof A === "object" && A !== null && "apply" in A)
    throw new ArgumentError(
      `${name} must be a matrix { rows, columns, values }, got an operator; pass its matrix, ${"toCsr" in A ? `${name}.toCsr()` : `await operatorEntries(${name})`}`,
    );
  checkMatrix(name, A);
}
