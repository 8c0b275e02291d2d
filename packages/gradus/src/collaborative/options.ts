import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositive, checkPositiveInteger, checkWithin } from "../check/numbers.ts";
import { checkFunction, checkOneOf } from "../check/options.ts";
import type { MixingRule } from "./aggregate/rule.ts";
import { reductionBound } from "./reduction.ts";

/** Options that all honest nodes share. */
export interface SharedOptions {
  /** The number of faulty nodes to tolerate, f. */
  readonly faulty?: number;
  /** How received models are mixed; defaults to nearest-neighbor averaging. */
  readonly mixing?: MixingRule;
  /** Mixing rounds per step. */
  readonly rounds?: number;
  /** Momentum coefficient beta in [0, 1). */
  readonly momentum?: number;
  /** gamma > 0, or its value at each step. */
  readonly learningRate: number | ((step: number) => number);
}

/** The names of the shared options. */
export const sharedOptions = [
  "faulty",
  "mixing",
  "rounds",
  "momentum",
  "learningRate",
] as const satisfies readonly (keyof SharedOptions)[];

export interface CheckedOptions {
  readonly nodes: number;
  readonly faulty: number;
  readonly mixing: MixingRule;
  readonly rounds: number;
  readonly momentum: number;
  /** Throws an ArgumentError at a step where the rate is not finite and > 0. */
  readonly learningRate: (step: number) => number;
}

function checkedRate(rate: number, step?: number): number {
  checkPositive({ [step === undefined ? "learningRate" : `learningRate at step ${step}`]: rate });
  return rate;
}

/** @throws ArgumentError naming what is no rule of mixing */
export function checkMixing(name: string, rule: MixingRule): void {
  if (typeof rule?.fewest !== "function" || typeof rule.mix !== "function")
    throw new ArgumentError(`${name} must be a rule, such as nearestNeighbors(), got ${shown(rule)}`);
  checkOneOf(["weighted", "coordinate-wise"], { [`${name}.kind`]: rule.kind });
  if (rule.kind === "weighted") checkFunction({ [`${name}.weights`]: rule.weights });
  else checkFunction({ [`${name}.mixAll`]: rule.mixAll });
}

/**
 * The fewest models with which a rule works.
 *
 * @param name of the option that has the rule
 * @throws ArgumentError when the rule gives no positive integer
 */
export function fewestModels(name: string, rule: MixingRule, faulty: number): number {
  const fewest = rule.fewest(faulty);
  checkPositiveInteger({ [`${name}.fewest(${faulty})`]: fewest });
  return fewest;
}

/** @throws ArgumentError naming the option that is out of range or inconsistent with the others */
export function checkShared({
  nodes,
  faulty,
  mixing,
  rounds = 1,
  momentum = 0.99,
  learningRate,
}: SharedOptions & {
  readonly nodes: number;
  readonly faulty: number;
  readonly mixing: MixingRule;
}): CheckedOptions {
  if (!Number.isInteger(faulty) || faulty < 0 || 2 * faulty >= nodes)
    throw new ArgumentError(
      `faulty must be a non-negative integer less than half of the ${nodes} nodes, got ${faulty}`,
    );
  checkMixing("mixing", mixing);
  const fewest = fewestModels("mixing", mixing, faulty);
  if (fewest > nodes - faulty)
    throw new ArgumentError(
      `mixing by ${mixing.name} with ${faulty} faulty nodes needs ${fewest} models, ` +
        `but a round waits for only ${nodes - faulty}`,
    );
  checkPositiveInteger({ rounds });
  checkWithin("[0, 1)", { momentum });
  if (typeof learningRate !== "function") checkedRate(learningRate);
  return {
    nodes,
    faulty,
    mixing,
    rounds,
    momentum,
    learningRate:
      typeof learningRate === "number" ? () => learningRate : (step) => checkedRate(learningRate(step), step),
  };
}

/** A warning where nearest-neighbor averaging is not proved to bring the models closer; otherwise undefined. */
export function faultWarning({ nodes, faulty }: CheckedOptions): string | undefined {
  if (12 * faulty <= nodes) return undefined;
  const { constant } = reductionBound(nodes, faulty);
  return (
    `${faulty} faulty nodes of ${nodes} are more than a twelfth: the reduction constant C = ` +
    `${constant.toPrecision(3)} is not below 1, so mixing has no proven guarantee`
  );
}
