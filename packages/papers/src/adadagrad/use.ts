import { array } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { solve } from "gradus/iterate";
import { softmaxCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { adagrad, adaptiveBatchSize, normTest, train } from "gradus/train";

const { x, y, n, d } = await loadDataset("digits");
const data = {
  x: array(
    Float32Array.from(x, (gray) => gray / 16),
    [n, d],
  ),
  y: array(BigInt64Array.from(y, BigInt), [n]),
};
const network = mlp({ inputs: d, hidden: [32], outputs: 10 });

const training = train({
  loss: (p, batch) => softmaxCrossEntropy(network.apply(p, batch.x), batch.y),
  parameters: network.parameters({ stream: randomStream(1) }),
  data,
  optimizer: adagrad({ learningRate: 0.1 }),
  batchSize: adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 8, maximum: 1024 }),
});
const { iterate } = await solve(training, { maxIterations: 5 });
console.log(`loss ${iterate.loss}, batches of ${iterate.batchSize} after ${iterate.epoch} epochs`);
