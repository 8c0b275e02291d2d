import { blockCoordinateDescent, blockLeastSquares, nonnegativeL1 } from "gradus/optimize";
import { randomStream } from "gradus/random";

const [rows, columns] = [400, 1000];
const values = randomStream(1).fillNormal(new Float64Array(rows * columns));
const A = { rows, columns, values };
const c = randomStream(2).fillNormal(new Float64Array(rows));

const problem = nonnegativeL1(blockLeastSquares(A, c), 20); // 1/2 |Ax - c|² + 20 Σ x, x ≥ 0
const { value, activeSet, iterations } = await blockCoordinateDescent(problem, { blockSize: 50 });
console.log(`f = ${value}, ${iterations} iterations, ${activeSet?.support.length} entries not 0`);
