import { denseKernel, trainedDistribution } from "gradus/kernels";
import { denseMatrix } from "gradus/linalg";

// A wide network trained on four points of a line, asked at three others.
const X = denseMatrix([-1, -0.3, 0.4, 1], 4, 1);
const y = Float64Array.of(0.2, -0.5, 0.7, 0.1);
const test = denseMatrix([-0.6, 0, 0.7], 3, 1);

const { mean, deviation } = await trainedDistribution(denseKernel({ depth: 4 }), X, y, test);
console.log("mean", mean, "standard deviation over initializations", deviation);
