import { conjugateGradient, type LinearOperator } from "gradus/linalg";

/** The second difference with zero ends, known by its products alone. */
const laplacian: LinearOperator = {
  rows: 100,
  columns: 100,
  symmetric: true,
  apply(x, out) {
    for (let i = 0; i < out.length; i++) out[i] = 2 * x[i] - (x[i - 1] ?? 0) - (x[i + 1] ?? 0);
  },
};

for await (const iterate of conjugateGradient(laplacian, new Float64Array(100).fill(1)))
  if (iterate.residualNorm < 1e-10 || iterate.done) {
    console.log(iterate.iteration, iterate.x);
    break;
  }
