/** Watches the size of the direction: too large a step makes it grow slowly long before it overflows. */
export interface GrowthGuard {
  /** Factor on the step size. */
  scale: number;
  sum: number;
  count: number;
  /** Mean of the window before; Infinity before the first. */
  mean: number;
}

const WINDOW = 50;
const GROWTH = 10;

export const freshGuard = (): GrowthGuard => ({
  scale: 1,
  sum: 0,
  count: 0,
  mean: Number.POSITIVE_INFINITY,
});

/** Halves the step size when the mean size over 50 steps is ten times that of the 50 before. */
export function watch(guard: GrowthGuard, size: number): void {
  guard.sum += size;
  guard.count += 1;
  if (guard.count < WINDOW) return;
  const mean = guard.sum / WINDOW;
  if (mean > GROWTH * guard.mean) guard.scale /= 2;
  guard.mean = mean;
  guard.sum = 0;
  guard.count = 0;
}
