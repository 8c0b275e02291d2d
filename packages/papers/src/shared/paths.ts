/**
 * Whether a path shows its k-th iterate: every one at first, then one whenever k has grown by 2%, which is at most 400
 * of the first 20,000.
 */
export function isDrawn(k: number): boolean {
  return k <= 50 || Math.floor(Math.log(k) / Math.log(1.02)) > Math.floor(Math.log(k - 1) / Math.log(1.02));
}

/** At most `most` points of a path, spaced evenly in the logarithm of their index, including the last one. */
export function thinned<T>(points: readonly T[], most = 150): T[] {
  if (points.length <= most) return [...points];
  const chosen = new Set<number>([points.length - 1]);
  for (let i = 0; i < most - 1; i++) chosen.add(Math.round(points.length ** (i / (most - 1))) - 1);
  return [...chosen].sort((a, b) => a - b).map((i) => points[i]);
}
