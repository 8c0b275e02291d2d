import { denseKernel, trainedDistribution } from "gradus/kernels";

// A wide network trained on four points of a line, asked at three others.
const X = { x: Float64Array.of(-1, -0.3, 0.4, 1), n: 4, d: 1 };
const y = Float64Array.of(0.2, -0.5, 0.7, 0.1);
const test = { x: Float64Array.of(-0.6, 0, 0.7), n: 3, d: 1 };

const { mean, deviation } = await trainedDistribution(denseKernel({ depth: 4 }), X, y, test);
console.log("mean", mean, "standard deviation over initializations", deviation);
