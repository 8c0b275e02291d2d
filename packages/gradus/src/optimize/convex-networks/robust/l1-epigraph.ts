const ROUNDS = 100;

/**
 * Projects  (q, t)  on  {|q_J|_1 <= t},  the norm over the columns J that count, in place.
 *
 * @param q numbers from `start` on, one a column
 * @param counted whether a column counts; the others stay as they are
 * @returns the projected t
 */
export function projectOnEpigraph(
  q: Float64Array,
  start: number,
  counted: readonly boolean[],
  t: number,
): number {
  let norm = 0;
  let largest = 0;
  for (let j = 0; j < counted.length; j++) {
    if (!counted[j]) continue;
    const size = Math.abs(q[start + j]);
    norm += size;
    largest = Math.max(largest, size);
  }
  if (norm <= t) return t;
  if (largest <= -t) {
    for (let j = 0; j < counted.length; j++) if (counted[j]) q[start + j] = 0;
    return 0;
  }
  // the root of  sum_j (|q_j| - theta)_+ = t + theta,  by Newton's method from below on a convex piecewise linear function
  let theta = Math.max(0, -t);
  for (let round = 0; round < ROUNDS; round++) {
    let sum = -t - theta;
    let slope = -1;
    for (let j = 0; j < counted.length; j++) {
      const excess = counted[j] ? Math.abs(q[start + j]) - theta : 0;
      if (excess > 0) {
        sum += excess;
        slope -= 1;
      }
    }
    const next = theta - sum / slope;
    if (!(next > theta)) break;
    theta = next;
  }
  for (let j = 0; j < counted.length; j++) {
    if (!counted[j]) continue;
    const value = q[start + j];
    const soft = Math.max(0, Math.abs(value) - theta);
    q[start + j] = value < 0 ? -soft : soft;
  }
  return t + theta;
}
