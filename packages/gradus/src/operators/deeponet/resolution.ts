import { DataError } from "../../check/errors.ts";
import type { AffineScale } from "./operator-scaling.ts";

/** The share of a scale by which rounding to float32 may move a number. */
const LARGEST_MOVE = 0.05;
const LARGEST_SINGLE = 3.4e38;
/** A scale of so small a share of the center is what rounding in float64 leaves of a constant. */
const CONSTANT = 1e-13;

/**
 * Checks that float32, in which networks compute and exported files take and give numbers, tells standardized numbers
 * apart: rounding may move (x - center) / scale by a twentieth. Constants but for rounding, such as a conserved output,
 * have nothing to tell apart.
 *
 * @param values row-major; number k belongs to entry k mod the number of scales
 * @throws DataError naming the row and column of a number that rounding moves farther, or a scale below float32's range
 */
export function checkResolved(
  name: string,
  { values, columns }: { readonly values: Float64Array; readonly columns: number },
  { center, scale }: AffineScale,
): void {
  const small = scale.findIndex((s) => !(1 / s <= LARGEST_SINGLE));
  if (small >= 0)
    throw new DataError(
      `${name} must vary within the range of float32, got a scale of ${scale[small]}; scale them`,
    );
  const rounded = center.map(Math.fround);
  for (let k = 0; k < values.length; k++) {
    const j = k % scale.length;
    if (scale[j] <= CONSTANT * Math.abs(center[j])) continue;
    const moved = Math.abs(Math.fround(values[k]) - rounded[j] - (values[k] - center[j])) / scale[j];
    if (moved > LARGEST_MOVE)
      throw new DataError(
        `${name} must vary by more than float32 resolves, got ${values[k]} in row ${Math.floor(k / columns)}, column ${k % columns}, which it moves by ${moved.toPrecision(2)} of their scale ${scale[j].toPrecision(3)}; subtract an offset from them`,
      );
  }
}
