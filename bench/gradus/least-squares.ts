import { type DenseMatrix, solveLeastSquares, solveLeastSquaresBySvd } from "gradus/linalg";
import { unitFeatures } from "gradus/nn/random-features";
import type { Inputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";

/** The features of random sigmoid units at equidistant points: rank-deficient in float64. */
function features(inputs: Inputs): { readonly H: DenseMatrix; readonly y: Float64Array } {
  const { rows, columns, slope } = sizes.leastSquares;
  const scaled = (name: string) =>
    Float64Array.from(inputs[`least-squares.${name}`].data, Number).map((value) => slope * value);
  const x = { rows, columns: 1, values: Float64Array.from({ length: rows }, (_, j) => j / (rows - 1)) };
  const slopes = { rows: columns, columns: 1, values: scaled("slopes") };
  const H = unitFeatures({ slopes, biases: scaled("biases"), activation: "sigmoid" }, x);
  const y = x.values.map(
    (at) =>
      0.2 * Math.exp(-((10 * at - 4) ** 2)) +
      0.5 * Math.exp(-((80 * at - 40) ** 2)) +
      0.3 * Math.exp(-((80 * at - 20) ** 2)),
  );
  return { H, y };
}

/** The shortest least-squares solution, by QR with column pivoting or by singular values. */
export function randomFeatureLeastSquares(inputs: Inputs, by: "qr" | "svd"): Runner {
  const { H, y } = features(inputs);
  const { relativeCutoff } = sizes.leastSquares;
  const solve = by === "qr" ? solveLeastSquares : solveLeastSquaresBySvd;
  const call = () => solve(H, y, { relativeCutoff });
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    check: () => [call().residualNorms[0] / Math.sqrt(H.rows)],
  };
}
