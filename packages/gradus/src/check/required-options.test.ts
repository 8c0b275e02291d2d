import { expect, test } from "vitest";
import * as collaborative from "../collaborative/index.ts";
import * as curvature from "../curvature/index.ts";
import * as data from "../data/index.ts";
import * as kernels from "../kernels/index.ts";
import * as grids from "../linalg/grids/index.ts";
import * as nn from "../nn/index.ts";
import * as objectives from "../objectives/index.ts";
import * as operators from "../operators/index.ts";
import * as convexNetworks from "../optimize/convex-networks/index.ts";
import * as derivativeFree from "../optimize/derivative-free/index.ts";
import * as optimize from "../optimize/index.ts";
import * as statistics from "../statistics/index.ts";
import * as targetSurrogates from "../target-surrogates/index.ts";
import * as train from "../train/index.ts";
import { ArgumentError } from "./errors.ts";

/** Functions that need options, by their modules. */
const needing: readonly (readonly [module: object, names: readonly string[]])[] = [
  [
    collaborative,
    [
      "centeredClipping",
      "chunkedTransport",
      "collaborativeMethods",
      "collaborativeTraining",
      "dirichletPartition",
      "faultyPeer",
      "inProcessNetwork",
      "lateNodes",
      "localLoss",
      "mixRound",
      "natsTransport",
      "nearestNeighborAverage",
      "peer",
      "selfCenteredClipping",
      "signedTransport",
      "trimmedMean",
    ],
  ],
  [
    curvature,
    [
      "batchExtremeEigenvalues",
      "curvatureMomentum",
      "frobeniusBound",
      "heavyBallRates",
      "localBatchEigenvalue",
      "maxBatchLearningRate",
      "minimalDamping",
      "maxStableLearningRate",
      "momentRecursion",
      "spikedCovariance",
      "spikedWigner",
    ],
  ],
  [
    data,
    [
      "blobs",
      "circles",
      "conditionedLogistic",
      "gaussianPair",
      "gaussianRandomField",
      "gaussianWithMargin",
      "matrixFactorization",
      "minibatches",
      "moons",
      "randomUndersample",
      "smote",
      "teacherNetwork",
      "trainTestSplit",
    ],
  ],
  [kernels, ["denseKernel", "kernelComponents", "kernelGradientFlow", "randomFeatures"]],
  [grids, ["diffusionOperator", "poissonOperator", "stencilOperator"]],
  [
    nn,
    [
      "convnet",
      "denseParameters",
      "directionNetwork",
      "fourierFrequencies",
      "mlp",
      "ntkDenseParameters",
      "resNet",
      "residualBlock",
      "residualBlockParameters",
      "residualMlp",
      "sinusoidalEmbedding",
      "uNet",
      "varianceScaling",
      "vgg",
    ],
  ],
  [objectives, ["diagonalStart"]],
  [operators, ["chebyshevSpace", "networkDirection", "powerSeriesSpace", "ritzData", "trainDirection"]],
  [
    optimize,
    [
      "blockSoftmax",
      "partitionCoordinates",
      "perceptronBounds",
      "separate",
      "separationIterates",
      "stochasticGradientDescent",
    ],
  ],
  [convexNetworks, ["certifiedMargins", "fgsmAttack", "pgdAttack"]],
  [
    derivativeFree,
    [
      "cmaEs",
      "consensusBasedOptimization",
      "consensusHopping",
      "consensusPoint",
      "growingInverseTemperature",
      "langevinDynamics",
      "meanSquareFactor",
      "minimizeByValues",
      "minimizingMovement",
      "softMoreauEnvelope",
    ],
  ],
  [statistics, ["bayesianSignTest", "bootstrapInterval", "bootstrapRows", "slicedWassersteinDistance"]],
  [targetSurrogates, ["svrg", "targetSurrogate", "tracedTargets"]],
  [
    train,
    [
      "adagrad",
      "adagradNorm",
      "adam",
      "adamw",
      "adaptiveBatchSize",
      "augmentedInnerProductTest",
      "compileEvaluator",
      "compileGradientStatistics",
      "coordinateNormTest",
      "cosineDecay",
      "exponentialDecay",
      "exponentiatedGradient",
      "heavyBall",
      "hypentropyGradient",
      "innerProductTest",
      "inverseTimeDecay",
      "linearBatchSize",
      "nesterov",
      "normTest",
      "orthogonalityTest",
      "piecewiseConstant",
      "polynomialDecay",
      "rmsprop",
      "sgd",
      "stagewiseBatchSize",
      "stopEarly",
      "warmUp",
    ],
  ],
];

const functions = needing.flatMap(([module, names]) =>
  names.map((name) => [name, Reflect.get(module, name) as unknown] as const),
);

test.each(functions)("%s without its options says so", async (name, call) => {
  if (typeof call !== "function") throw new Error(`${name} is no function`);
  const started = async () => {
    const result: unknown = Reflect.apply(call, undefined, []);
    // a method checks when it is asked for its first iterate
    if (typeof result === "object" && result !== null && "next" in result)
      await Reflect.apply(result.next as () => unknown, result, []);
    await result;
  };
  const refused = expect(started).rejects;
  await refused.toThrow(ArgumentError);
  await refused.toThrow(`the options of ${name} must be an object, got undefined`);
});
