import { serializeCheckpoint, solve } from "gradus/iterate";
import { conjugateGradient } from "gradus/linalg";
import { multigridPreconditioner, poissonOperator } from "gradus/linalg/grids";
import { directionNetwork } from "gradus/nn";
import {
  conjugateDirections,
  networkDirection,
  ritzData,
  tracedProduct,
  trainDirection,
} from "gradus/operators";
import { randomStream } from "gradus/random";

// Train on an empty box, on the matrix alone: no linear system is solved.
const box = poissonOperator({ shape: [32, 32] });
const vectors = (count: number, seed: number) =>
  ritzData({ operator: box, shape: [1, 32, 32], count, steps: 400, seed });
const model = directionNetwork({ dimension: 2, filters: 8, pre: 1, coarse: 2, fine: 1 });
const training = trainDirection({
  model,
  parameters: model.parameters({ stream: randomStream(1) }),
  product: tracedProduct(box),
  samples: (await vectors(2000, 1)).samples,
  validation: (await vectors(100, 2)).samples,
  steps: 500,
});
const { best } = (await solve(training)).iterate;
if (!best) throw new Error("no validation");
const { parameters } = best.iterate;
const file = serializeCheckpoint(parameters);
console.log(`loss ${best.value}, ${file.length} bytes to keep (parseCheckpoint reads them)`);

// Solve around an obstacle that was not there in the training.
const solid = Array.from({ length: 1024 }, (_, k) => Math.hypot((k >> 5) - 14, (k & 31) - 16) < 5);
const A = poissonOperator({ shape: [32, 32], solid });
const source = Float64Array.from(solid, (_, k) => Math.exp(-(((k >> 5) - 6) ** 2) / 10));
const b = A.project(source);
const tolerance = { relativeTolerance: 1e-4 };
using directions = await networkDirection({ model, parameters, shape: A.shape, active: A.active });
const learned = await solve(conjugateDirections(A, b, directions, tolerance));
const plain = await solve(conjugateGradient(A, b, tolerance));
const multigrid = await solve(
  conjugateGradient(A, b, { ...tolerance, preconditioner: multigridPreconditioner(A) }),
);
console.log(`network ${learned.iterate.iteration}, CG ${plain.iterate.iteration} iterations`);
console.log(`multigrid ${multigrid.iterate.iteration}`);
