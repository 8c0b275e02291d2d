import { array } from "@gradus/graph";
import { adam, mlp, randomStream, sigmoidCrossEntropy, solve, train } from "gradus";

/** The exclusive or of two bits. */
const data = {
  x: array(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), [4, 2]),
  y: array(Float32Array.of(0, 1, 1, 0), [4, 1]),
};
const network = mlp({ inputs: 2, hidden: [8], outputs: 1, activation: "tanh" });
const { iterate } = await solve(
  train({
    data,
    parameters: network.parameters({ stream: randomStream(1) }),
    loss: (p, batch) => sigmoidCrossEntropy(network.apply(p, batch.x), batch.y),
    optimizer: adam({ learningRate: 0.05 }),
    batchSize: "full",
    epochs: 100,
  }),
);
console.log(iterate.loss);
