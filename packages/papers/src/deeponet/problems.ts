import { gaussianRandomField } from "gradus/data";
import { denseMatrix } from "gradus/linalg";
import {
  antiderivative,
  type FunctionSpace,
  type GeneratedOperatorData,
  operatorDataset,
  ordinaryDifferentialEquation,
  pendulum,
  type SolutionOperator,
} from "gradus/operators";
import { randomStream } from "gradus/random";

/** Points of an input function per unit of its interval. */
const RESOLUTION = 200;

/** The paper's length scale of input functions. */
export const LENGTH_SCALE = 0.2;

/** The input functions of the paper on [0, horizon]. */
export function inputSpace(horizon = 1, lengthScale = LENGTH_SCALE): FunctionSpace {
  return gaussianRandomField({ points: RESOLUTION * horizon + 1, end: horizon, lengthScale });
}

export const operators = {
  antiderivative,
  pendulum,
  /** s' = -s^2 + u, s(0) = 0. */
  nonlinear: () =>
    ordinaryDifferentialEquation({
      initial: [0],
      rightSide(s, u, _, derivatives) {
        derivatives[0] = u - s[0] * s[0];
      },
    }),
} satisfies Record<string, () => SolutionOperator>;

/** What is generated: pairs for training and for testing share no function. */
export interface PairsOptions {
  readonly space: FunctionSpace;
  readonly operator: SolutionOperator;
  readonly sensors: number;
  readonly functions: number;
  readonly testFunctions: number;
  readonly seed: number;
  readonly pointsPerFunction?: number;
  readonly testPoints?: number;
}

export interface Pairs {
  readonly data: GeneratedOperatorData;
  readonly testData: GeneratedOperatorData;
  /** One more function with its solution along the interval. */
  readonly probe: GeneratedOperatorData;
}

/** Points along a curve that is drawn. */
export const CURVE = 51;

export function makePairs({
  seed,
  functions,
  testFunctions,
  pointsPerFunction = 1,
  testPoints = 1,
  ...shared
}: PairsOptions): Pairs {
  const stream = randomStream(seed);
  const { grid } = shared.space;
  const end = grid[grid.length - 1];
  const along = Float64Array.from({ length: CURVE }, (_, i) => (end * i) / (CURVE - 1));
  return {
    data: operatorDataset({ ...shared, functions, pointsPerFunction, stream: stream.split("train") }),
    testData: operatorDataset({
      ...shared,
      functions: testFunctions,
      pointsPerFunction: testPoints,
      stream: stream.split("test"),
    }),
    probe:
      shared.operator.dimension === 1
        ? operatorDataset({
            ...shared,
            functions: 1,
            locations: denseMatrix(along, CURVE, 1),
            stream: stream.split("probe"),
          })
        : operatorDataset({ ...shared, functions: 1, pointsPerFunction: 1, stream: stream.split("probe") }),
  };
}
