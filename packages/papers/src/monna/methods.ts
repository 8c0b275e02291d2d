import {
  type Attack,
  type CollaborativeTrainingOptions,
  coordinateTrimmedMean,
  fallOfEmpires,
  geometricMedianMixing,
  labelFlip,
  littleIsEnough,
  type MixingRule,
  nearestNeighbors,
  plainMean,
  selfCenteredClipping,
  signFlip,
} from "gradus";

/** How a method trains: its mixing, its momentum, and what it does otherwise. */
export interface CollaborativeMethod {
  readonly mixing: MixingRule;
  readonly momentum: number;
  /** One more sample in each step than in the one before, and gradients mixed too. */
  readonly growingBatch?: boolean;
  /** Trained on evenly shared data, as in the authors' code. */
  readonly evenData?: boolean;
  /** Trained without faulty nodes. */
  readonly faultFree?: boolean;
}

/** The paper's methods by name; `radius` is the clipping radius of the data set. */
export function collaborativeMethods({ radius }: { readonly radius: number }) {
  return {
    MoNNA: { mixing: nearestNeighbors(), momentum: 0.99 },
    NNA: { mixing: nearestNeighbors(), momentum: 0 },
    MoCWTM: { mixing: coordinateTrimmedMean(), momentum: 0.99 },
    BRIDGE: { mixing: coordinateTrimmedMean(), momentum: 0 },
    MoGM: { mixing: geometricMedianMixing(), momentum: 0.99 },
    GM: { mixing: geometricMedianMixing(), momentum: 0 },
    SCC: { mixing: selfCenteredClipping({ radius }), momentum: 0.9, evenData: true },
    LEARN: { mixing: coordinateTrimmedMean(), momentum: 0, growingBatch: true },
    "plain mean": { mixing: plainMean(), momentum: 0.99 },
    "D-SGD": { mixing: plainMean(), momentum: 0.99, faultFree: true },
  } satisfies Record<string, CollaborativeMethod>;
}

export type MethodName = keyof ReturnType<typeof collaborativeMethods>;

/** The paper's four attacks, with so many evaluations in a line search. */
export function collaborativeAttacks(evaluations: number) {
  return {
    ALIE: () => littleIsEnough({ evaluations }),
    FOE: () => fallOfEmpires({ evaluations }),
    SF: () => signFlip(),
    LF: () => labelFlip(),
  } satisfies Record<string, () => Attack>;
}

export type AttackName = keyof ReturnType<typeof collaborativeAttacks>;

/** What a method and an attack make of the training's options. */
export function trainingOptions(
  method: CollaborativeMethod,
  attack: Attack | undefined,
  faulty: number,
): Pick<CollaborativeTrainingOptions, "mixing" | "momentum" | "gradientMixing" | "faulty" | "attack"> {
  const { mixing, momentum, growingBatch, faultFree } = method;
  return {
    mixing,
    momentum,
    gradientMixing: growingBatch ? mixing : undefined,
    ...(faultFree ? {} : { faulty, attack }),
  };
}
