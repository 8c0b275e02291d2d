import { checkGivenOptions } from "../check/options.ts";
import { selfCenteredClipping } from "./aggregate/centered-clipping.ts";
import { geometricMedianMixing } from "./aggregate/geometric-median.ts";
import { nearestNeighbors } from "./aggregate/nearest-neighbors.ts";
import { plainMean } from "./aggregate/plain-mean.ts";
import type { MixingRule } from "./aggregate/rule.ts";
import { coordinateTrimmedMean } from "./aggregate/trimmed-mean.ts";
import { fallOfEmpires, littleIsEnough } from "./attack/along-direction.ts";
import type { Attack } from "./attack/contract.ts";
import { labelFlip } from "./attack/label-flip.ts";
import { signFlip } from "./attack/sign-flip.ts";

/** A decentralized training method: its mixing rule and the momentum of its local steps. */
export interface CollaborativeMethod {
  readonly mixing: MixingRule;
  readonly momentum: number;
  /** Whether the batch grows by one sample per step and gradients are mixed too (LEARN). */
  readonly growingBatch?: boolean;
}

/**
 * The methods that Farhadkhani et al. 2023 (MoNNA, arXiv 2209.10931) compare, keyed by that paper's names.
 *
 * @param radius clipping radius of SCC, which depends on the data set
 */
export function collaborativeMethods(options: { readonly radius: number }) {
  checkGivenOptions("collaborativeMethods", options, ["radius"]);
  const { radius } = options;
  return {
    MoNNA: { mixing: nearestNeighbors(), momentum: 0.99 },
    NNA: { mixing: nearestNeighbors(), momentum: 0 },
    MoCWTM: { mixing: coordinateTrimmedMean(), momentum: 0.99 },
    BRIDGE: { mixing: coordinateTrimmedMean(), momentum: 0 },
    MoGM: { mixing: geometricMedianMixing(), momentum: 0.99 },
    GM: { mixing: geometricMedianMixing(), momentum: 0 },
    SCC: { mixing: selfCenteredClipping({ radius }), momentum: 0.9 },
    LEARN: { mixing: coordinateTrimmedMean(), momentum: 0, growingBatch: true },
    "plain mean": { mixing: plainMean(), momentum: 0.99 },
    "D-SGD": { mixing: plainMean(), momentum: 0.99 },
  } satisfies Record<string, CollaborativeMethod>;
}

/**
 * The attacks of the same paper, keyed by its names: a little is enough, fall of empires, sign flip, label flip.
 *
 * @param evaluations evaluations of the mixing rule in the line search along the attack's direction
 */
export function collaborativeAttacks(evaluations: number) {
  return {
    ALIE: () => littleIsEnough({ evaluations }),
    FOE: () => fallOfEmpires({ evaluations }),
    SF: () => signFlip(),
    LF: () => labelFlip(),
  } satisfies Record<string, () => Attack>;
}
