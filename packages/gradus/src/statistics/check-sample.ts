import { checkFiniteVector } from "../check/arrays.ts";
import { DataError } from "../check/errors.ts";

/** @throws DataError when there is no number, or naming the place of one that is not finite */
export function checkSample(name: string, values: ArrayLike<number>): void {
  if (values.length === 0) throw new DataError(`${name} must have at least one number, got none`);
  checkFiniteVector(name, values);
}
