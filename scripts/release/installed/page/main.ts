// Trains in the page, in its thread and in a worker, and says what came out.
import { array, compile, f64, sigmoid, sum, type Tensor } from "@gradus/graph";
import { workerRuntime } from "@gradus/graph/worker";
import {
  adam,
  dense,
  denseParameters,
  loadDataset,
  metricLoss,
  randomStream,
  solve,
  standardize,
  train,
} from "gradus";

const { x, y } = await loadDataset("breast-cancer");
const data = { x: array(standardize(x).apply(x)), y: array(Float64Array.from(y), [x.rows, 1]) };
const loss = metricLoss("balancedAccuracy");
const run = train({
  data,
  parameters: denseParameters({ inputs: x.columns, outputs: 1, stream: randomStream(1), dtype: "f64" }),
  batchSize: "full",
  epochs: 200,
  optimizer: adam({ learningRate: 0.02 }),
  loss: (p, batch) => loss(sigmoid(dense(p, batch.x)), batch.y),
});
const { iterate } = await solve(run);

await using runtime = workerRuntime();
await using program = await compile(({ v }: { v: Tensor }) => sum(v), { v: f64(3) }, { runtime });
const inWorker = await program.run({ v: Float64Array.of(1, 2, 3.5) });

const output = document.querySelector("output");
if (output) output.textContent = JSON.stringify({ loss: iterate.loss, inWorker: inWorker.data[0] });
