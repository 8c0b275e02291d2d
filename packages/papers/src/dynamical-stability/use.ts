import { stabilityThreshold } from "gradus/curvature";
import { randomStream } from "gradus/random";

// Rows: the gradient of a model's output at each example; of a linear model, the example itself.
const [rows, columns] = [50, 100];
const values = randomStream(1).fillNormal(new Float64Array(rows * columns));
const J = { rows, columns, values };

const threshold = await stabilityThreshold(J, { batchSize: 8 });
const { learningRate, fullBatchLearningRate, traceBound } = threshold;
console.log(`SGD is stable up to ${learningRate} (at most ${traceBound}),`);
console.log(`gradient descent up to ${fullBatchLearningRate}`);
