import type { Case } from "./cases.ts";
import { sizes } from "./sizes.ts";

const { rows, columns, slope, relativeCutoff } = sizes.leastSquares;
const SVD = "gradus, singular values";
const GELSY = "scipy, gelsy";
/** Singular values and pivots drop slightly different directions at one cutoff. */
const DIRECTIONS = 0.3;

/** The shortest solution of a rank-deficient least-squares problem in one thread, beside LAPACK's drivers. */
export const leastSquaresCases: readonly Case[] = [
  {
    id: "least-squares",
    title: `Least squares with the features of ${columns} random sigmoid units (λ = ${slope}) at ${rows.toLocaleString("en")} points, cutoff ${relativeCutoff}, float64`,
    unit: "solution",
    contenders: [
      { peer: "gradus-host", program: "least-squares-qr", label: "gradus, pivoted QR" },
      { peer: "gradus-host", program: "least-squares-svd", label: SVD },
      { peer: "scipy", program: "least-squares-gelsy", label: GELSY },
      { peer: "scipy", program: "least-squares-gelsd", label: "scipy, gelsd" },
    ],
    budgets: [
      { against: GELSY, atMost: 1 },
      { against: SVD, atMost: 0.33 },
    ],
    tolerance: DIRECTIONS,
  },
];
