/** At most `most` of the points, evenly on the logarithm of their place, the last one included. */
export function thinned<T>(points: readonly T[], most = 150): T[] {
  if (points.length <= most) return [...points];
  const chosen = new Set<number>([points.length - 1]);
  for (let i = 0; i < most - 1; i++) chosen.add(Math.round(points.length ** (i / (most - 1))) - 1);
  return [...chosen].sort((a, b) => a - b).map((i) => points[i]);
}
