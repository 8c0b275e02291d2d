// Passes of the perceptron over dense rows.
import { axpy, dot } from "./level1";

/** Visits the rows in order and adds step y_i a_i to theta where y_i <a_i, theta> <= 0. Returns how often. */
export function perceptronRows(
  n: i32, d: i32, a: usize, row: usize, labels: usize, step: f64, theta: usize,
): i32 {
  let updates = 0;
  for (let i = 0; i < n; i++) {
    const y = load<f64>(labels);
    if (y * dot(d, a, theta) <= 0) {
      axpy(d, step * y, a, theta);
      updates += 1;
    }
    a += row;
    labels += 8;
  }
  return updates;
}
