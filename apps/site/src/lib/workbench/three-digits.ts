import { formatFigure } from "@gradus/papers";

/** A number with three significant digits. */
export function threeDigits(value: number): string {
  const short = Number(value.toPrecision(3));
  // The largest numbers would be rounded up to infinity.
  return formatFigure(Number.isFinite(short) ? short : value);
}
