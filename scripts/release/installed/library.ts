// A library on top of the packages: what it hands on has types that its own declarations can name.
import { compile, f32, gradient, jit, matmul, mean, square, sub, type Tensor } from "@gradus/graph";
import { workerRuntime } from "@gradus/graph/worker";
import { adam, gnsNewton, logisticRegression, minimize, mlp, randomStream, sgd, train } from "gradus";
import { centeredClipping, nearestNeighbors } from "gradus/collaborative";
import { conjugateGradient, type DenseMatrix, symmetricEigen } from "gradus/linalg";
import { convnet } from "gradus/nn";
import { logSumExpObjective } from "gradus/objectives";

export const network = mlp({ inputs: 2, hidden: [8], outputs: 1, activation: "tanh" });
export const images = convnet({ input: [1, 8, 8], stages: [{ filters: 4, kernel: 3 }], outputs: 10 });
export const stream = randomStream(1);
export const rules = [centeredClipping, nearestNeighbors()] as const;
export const optimizers = {
  adam: adam({ learningRate: 1e-3 }),
  sgd: sgd({ learningRate: 0.1 }),
};

const loss = (w: Tensor, x: Tensor, y: Tensor) => mean(square(sub(matmul(x, w), y)));
export const compiled = () =>
  compile(({ w, x, y }) => gradient((v: Tensor) => loss(v, x, y))(w), {
    w: f32(3, 1),
    x: f32("rows", 3),
    y: f32("rows", 1),
  });
export const compiledLater = jit((w: Tensor) => mean(square(w)));
export const worker = () => workerRuntime({ threads: 1 });

export const fit = (x: Float32Array, y: Float32Array) =>
  train({
    data: {
      x: { dtype: "f32", shape: [x.length / 2, 2], data: x },
      y: { dtype: "f32", shape: [y.length, 1], data: y },
    },
    parameters: network.parameters({ stream }),
    loss: (p, batch) => mean(square(sub(network.apply(p, batch.x), batch.y))),
    optimizer: optimizers.adam,
    batchSize: 8,
    epochs: 1,
    seed: 1,
  });

export const newton = (matrix: DenseMatrix, y: Int32Array) =>
  minimize(logisticRegression(matrix, y), new Float64Array(matrix.columns), {
    method: gnsNewton,
    gradientTolerance: 1e-8,
  });
export const smooth = (matrix: DenseMatrix, b: Float64Array) =>
  logSumExpObjective(matrix, b, { smoothing: 0.1 });
export const solveSystem = (matrix: DenseMatrix, b: Float64Array) => conjugateGradient(matrix, b);
export const spectrum = (matrix: DenseMatrix) => symmetricEigen(matrix);
