import { blockCoordinateDescent, blockLeastSquares, nonnegativeL1 } from "gradus/optimize";

const A = { rows: 3, columns: 2, values: Float64Array.of(1, 0, 1, 1, 0, 1) };
const problem = nonnegativeL1(blockLeastSquares(A, Float64Array.of(1, 2, 0.5)), 0.1);
const { x, value } = await blockCoordinateDescent(problem, { blockSize: 1 });
console.log(x, value);
