// The step of one coordinate under an l1 penalty.

/** Every so many sweeps the zeros of a block are looked at. */
export const WHOLE_SWEEPS: i32 = 5;

/** argmin_y g (y - x) + square (y - x)^2 / 2 + lambda |y|, over y >= 0 where that is asked. */
@inline
export function proximalStep(x: f64, g: f64, square: f64, lambda: f64, nonnegative: i32): f64 {
  const moved = x - g / square;
  const threshold = lambda / square;
  if (moved > threshold) return moved - threshold;
  if (nonnegative == 0 && moved < -threshold) return moved + threshold;
  // what is not a number must not turn into 0
  return moved == moved ? 0 : moved;
}
