// Passes of the perceptron over dense rows.
import { axpy, dot } from "./level1";
import { gemvFourRows } from "./level2";

/** Adds step y a to theta where y <a, theta> <= 0. Returns whether it did. */
@inline
function visit(d: i32, a: usize, y: f64, step: f64, theta: usize): i32 {
  const wrong = y * dot(d, a, theta) <= 0;
  if (wrong) axpy(d, step * y, a, theta);
  return i32(wrong);
}

/** Visits the rows in order and adds step y_i a_i to theta where y_i <a_i, theta> <= 0. Returns how often. */
export function perceptronRows(
  n: i32, d: i32, a: usize, row: usize, labels: usize, step: f64, theta: usize,
): i32 {
  let updates = 0;
  for (let i = 0; i < n; i++) {
    updates += visit(d, a, load<f64>(labels), step, theta);
    a += row;
    labels += 8;
  }
  return updates;
}

/**
 * `perceptronRows` that also writes the margins y_i <a_i, before>, with the bits of `gemv`: rows are read from memory
 * once, and from the first-level cache for theta.
 *
 * @param before theta before the pass, which stays
 * @param margins one number a row
 */
export function measuredPerceptronRows(
  n: i32, d: i32, a: usize, row: usize, labels: usize, step: f64, before: usize, theta: usize, margins: usize,
): i32 {
  let updates = 0;
  for (let i = 0; i < n; i += 4) {
    const count = min(4, n - i);
    if (count == 4) gemvFourRows(d, 1, a, row, before, 0, margins);
    else for (let k = 0; k < count; k++) store<f64>(margins + (<usize>k << 3), dot(d, a + <usize>k * row, before));
    for (let k = 0; k < count; k++) {
      const y = load<f64>(labels);
      store<f64>(margins, y * load<f64>(margins));
      updates += visit(d, a, y, step, theta);
      a += row;
      labels += 8;
      margins += 8;
    }
  }
  return updates;
}
