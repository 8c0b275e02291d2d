/**
 * A small classifier of handwritten digits, trained, for its curvature:
 *
 *     npx gradus spectrum examples/spectrum/digits.ts --groups
 *
 * What a module exports for that: a traced loss, trained parameters and data; model and curvature for the
 * Gauss-Newton matrix. Yours may load its parameters from a file instead.
 */
import { array, type Tensor } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { solve } from "gradus/iterate";
import { softmaxCrossEntropy, softmaxCurvature } from "gradus/losses";
import { type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { sgd, train } from "gradus/train";

const ROWS = 1500;
const network = mlp({ inputs: 64, hidden: [32], outputs: 10, activation: "tanh" });
const digits = await loadDataset("digits");
const data = {
  x: array(
    Float32Array.from(digits.x.values.subarray(0, ROWS * 64), (gray) => gray / 16),
    [ROWS, 64],
  ),
  y: array(BigInt64Array.from(digits.y.subarray(0, ROWS), BigInt)),
};

type Batch = { readonly x: Tensor; readonly y: Tensor };

const model = (parameters: MlpParameters, batch: Batch) => network.apply(parameters, batch.x);
const loss = (parameters: MlpParameters, batch: Batch) =>
  softmaxCrossEntropy(model(parameters, batch), batch.y);

const training = train({
  loss,
  parameters: network.parameters({ stream: randomStream(1) }),
  data,
  optimizer: sgd({ learningRate: 0.1 }),
  batchSize: 32,
  seed: 1,
});
const { parameters } = (await solve(training, { maxIterations: 5 })).iterate;

export default { loss, model, curvature: softmaxCurvature, parameters, data };
