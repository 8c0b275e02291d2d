import { checkFiniteVector } from "../check/arrays.ts";
import { DataError } from "../check/errors.ts";

/** @throws DataError when there are no numbers, or naming the index of one that is not finite */
export function checkSample(name: string, values: ArrayLike<number>): void {
  if (values.length === 0) throw new DataError(`${name} must have at least one number, got none`);
  checkFiniteVector(name, values);
}
