import { collaborativeTraining, littleIsEnough, localObjectives } from "gradus/collaborative";
import { solve } from "gradus/iterate";
import { quadratic } from "gradus/objectives";

// 21 honest nodes, each with a loss of its own, (1/2)|x - center|², and 5 Byzantine nodes.
const identity = { rows: 2, columns: 2, values: Float64Array.of(1, 0, 0, 1) };
const losses = Array.from({ length: 21 }, (_, i) => quadratic(identity, [0.9 + 0.01 * i, -1]));
const problem = localObjectives(losses, new Float64Array(2), { noise: 0.1, seed: 1 });

const options = { faulty: 5, attack: littleIsEnough(), learningRate: 0.1, momentum: 0.9 };
const { iterate } = await solve(collaborativeTraining(problem, options), { maxIterations: 300 });
console.log("the mean of the centers is 1 and -1; the honest nodes meet at", iterate.mean);
