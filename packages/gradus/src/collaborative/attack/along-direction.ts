import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { standardDeviation } from "../geometry.ts";
import { type Vector, zerosAs } from "../vector.ts";
import { type Attack, type AttackContext, readingAttack, repeated } from "./contract.ts";
import { displacementAlong } from "./displacement.ts";
import { maximizeOnHalfLine } from "./line-search.ts";

export interface DirectedAttackOptions {
  /** Evaluations of the mixing rule in the line search. */
  readonly evaluations?: number;
  /** Send every receiver the model that moves it farthest, instead of one model to everyone. */
  readonly perReceiver?: boolean;
}

/** mean + z direction, in the precision of the honest models. */
function pointAlong(mean: Float64Array, direction: Float64Array, z: number, like: Vector): Vector {
  const point = zerosAs(like);
  for (let k = 0; k < point.length; k++) point[k] = mean[k] + z * direction[k];
  return point;
}

const OPTIONS = ["evaluations", "perReceiver"] as const satisfies readonly (keyof DirectedAttackOptions)[];

function directed(
  name: string,
  directionOf: (honest: readonly Vector[], mean: Float64Array) => Float64Array,
  { evaluations = 16, perReceiver = false }: DirectedAttackOptions,
): Attack {
  checkPositiveInteger({ evaluations });
  return readingAttack({
    name,
    models(honest, context: AttackContext) {
      const { mean } = context.geometry;
      const direction = directionOf(honest, mean);
      const strongest = (pivots?: readonly number[]) => {
        const z = maximizeOnHalfLine(displacementAlong(direction, context, pivots), evaluations);
        return repeated(pointAlong(mean, direction, z, honest[0]), context.faulty);
      };
      return perReceiver ? (receiver) => strongest([receiver]) : strongest();
    },
  });
}

/**
 * "A little is enough": all faulty nodes send mean + z s, where s is the coordinate-wise standard deviation of the
 * honest models (with divisor h - 1) and z >= 0 moves the rule's result farthest from the mean.
 * Source: Baruch, Baruch & Goldberg 2019; optimized z as in the published code of Farhadkhani et al. 2023.
 *
 * @throws ArgumentError unless evaluations is an integer >= 1
 */
export function littleIsEnough(options: DirectedAttackOptions = {}): Attack {
  checkOptions("littleIsEnough", options, OPTIONS);
  return directed("ALIE", standardDeviation, options);
}

/**
 * "Fall of empires": all faulty nodes send (1 - z) mean, with z >= 0 chosen as `littleIsEnough` does.
 * Source: Xie, Koyejo & Gupta 2019, "Fall of empires: breaking Byzantine-tolerant SGD by inner product manipulation".
 *
 * @throws ArgumentError unless evaluations is an integer >= 1
 */
export function fallOfEmpires(options: DirectedAttackOptions = {}): Attack {
  checkOptions("fallOfEmpires", options, OPTIONS);
  return directed("FOE", (_, mean) => mean.map((value) => -value), options);
}
