import { close, dot, gaussianRows, numbersIn, solved } from "../use-testing.ts";

/** min ln sum_i e^{<a_i, x>} by Newton's method with halved steps. */
function logSumExpMinimum(): number {
  const A = gaussianRows(500, 200);
  const at = (x: Float64Array) => {
    const z = A.map((row) => dot(row, x));
    const largest = Math.max(...z);
    const e = z.map((value) => Math.exp(value - largest));
    const total = e.reduce((sum, value) => sum + value, 0);
    return { value: largest + Math.log(total), p: e.map((value) => value / total) };
  };
  let x = new Float64Array(200).fill(1);
  for (let step = 0; step < 40; step++) {
    const { value, p } = at(x);
    const g = new Float64Array(200);
    const H = Array.from({ length: 200 }, () => new Float64Array(200));
    A.forEach((row, i) => {
      for (let j = 0; j < 200; j++) {
        g[j] += p[i] * row[j];
        for (let k = 0; k < 200; k++) H[j][k] += p[i] * row[j] * row[k];
      }
    });
    for (let j = 0; j < 200; j++) for (let k = 0; k < 200; k++) H[j][k] -= g[j] * g[k] - (j === k ? 1e-9 : 0);
    const direction = solved(H, g);
    let size = 1;
    while (size > 1e-12 && at(x.map((entry, j) => entry - size * direction[j])).value > value) size /= 2;
    x = x.map((entry, j) => entry - size * direction[j]);
    if (Math.abs(dot(g, direction)) < 1e-13) break;
  }
  return at(x).value;
}

/** What the program of this paper must print. */
export default function check(text: string): void {
  close(numbersIn(text)[0], logSumExpMinimum());
}
