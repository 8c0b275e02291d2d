import { array } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { solve } from "gradus/iterate";
import { softmaxCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { adagrad, adaptiveBatchSize, normTest, train } from "gradus/train";

const { x, y } = await loadDataset("digits");
const data = {
  x: array(
    Float32Array.from(x.values, (gray) => gray / 16),
    [x.rows, x.columns],
  ),
  y: array(BigInt64Array.from(y, BigInt), [x.rows]),
};
const network = mlp({ inputs: x.columns, hidden: [32], outputs: 10 });

const training = train({
  loss: (p, batch) => softmaxCrossEntropy(network.apply(p, batch.x), batch.y),
  parameters: network.parameters({ stream: randomStream(1) }),
  data,
  optimizer: adagrad({ learningRate: 0.1 }),
  batchSize: adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 8, maximum: 1024 }),
});
const { iterate } = await solve(training, { maxIterations: 5 });
console.log(`loss ${iterate.loss}, batches of ${iterate.batchSize} after ${iterate.epoch} epochs`);
