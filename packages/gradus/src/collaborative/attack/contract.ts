import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import type { MaybePromise } from "../../objectives/objective.ts";
import type { RandomStream } from "../../random/stream.ts";
import type { MixingRule } from "../aggregate/rule.ts";
import { copyOfGeometry, type Geometry } from "../geometry.ts";
import type { Vector } from "../vector.ts";

/** The state that an attack keeps between rounds, as plain data. */
export interface AttackMemory {
  direction?: Float64Array;
}

/** What faulty nodes know: everything. */
export interface AttackContext {
  /** The rule by which the honest nodes mix. */
  readonly rule: MixingRule;
  /** How many nodes are faulty. */
  readonly faulty: number;
  readonly random: RandomStream;
  readonly step: number;
  readonly learningRate: number;
  /** Distances among the honest models. */
  readonly geometry: Geometry;
  /** The mean over the honest nodes of the gradients on wrong labels, where the problem has labels. */
  readonly poisonedGradient?: () => MaybePromise<Float64Array>;
  readonly memory: AttackMemory;
}

/** One model per faulty node: the same for everyone, or a list for each honest receiver. */
export type FaultyModels = readonly Vector[] | ((receiver: number) => readonly Vector[]);

/**
 * What the faulty nodes send, given all models that the honest nodes are about to send: copies of them, so that an attack
 * may compute in place.
 */
export interface Attack {
  readonly name: string;
  models(honest: readonly Vector[], context: AttackContext): MaybePromise<FaultyModels>;
}

/** The same model from every faulty node. */
export function repeated(model: Vector, faulty: number): readonly Vector[] {
  return new Array<Vector>(faulty).fill(model);
}

const readers = new WeakSet<Attack>();

/** An attack that changes no array that it is given, and so needs no copies. */
export function readingAttack(attack: Attack): Attack {
  readers.add(attack);
  return attack;
}

/**
 * What an attack sends in a round, checked. Written by others it gets copies of the honest models: changed ones would
 * change the experiment.
 *
 * @throws what `checkSent` throws
 */
export async function modelsOf(attack: Attack, context: AttackContext): Promise<FaultyModels> {
  const { geometry, faulty } = context;
  const known = readers.has(attack) ? geometry : copyOfGeometry(geometry);
  const sent = await attack.models(known.honest, { ...context, geometry: known });
  return checkSent(attack, sent, faulty, geometry.mean.length);
}

/**
 * Checks what an attack sends: one model of d numbers for each faulty node, to everyone or to each receiver.
 *
 * @throws ArgumentError when the number of models is not that of the faulty nodes
 * @throws DataError when a model does not have the length of the honest ones
 */
function checkSent({ name }: Attack, sent: FaultyModels, faulty: number, d: number): FaultyModels {
  const checked = (models: readonly Vector[]): readonly Vector[] => {
    if (!Array.isArray(models) || models.length !== faulty)
      throw new ArgumentError(
        `attack "${name}" must send one model for each of the ${faulty} faulty nodes, got ${Array.isArray(models) ? models.length : shown(models)}`,
      );
    for (const model of models)
      if (model?.length !== d)
        throw new DataError(
          `attack "${name}" must send models of ${d} numbers, got ${model?.length ?? shown(model)}`,
        );
    return models;
  };
  return typeof sent === "function" ? (receiver) => checked(sent(receiver)) : checked(sent);
}
