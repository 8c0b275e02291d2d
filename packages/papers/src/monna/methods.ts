import {
  type Attack,
  type CollaborativeMethod,
  type CollaborativeTrainingOptions,
  type collaborativeAttacks,
  collaborativeMethods,
} from "gradus/collaborative";

/** A method of the paper with the conditions under which the authors train it. */
export interface ComparedMethod extends CollaborativeMethod {
  /** Trained on evenly shared data, as in the authors' code. */
  readonly evenData?: boolean;
  /** Trained without faulty nodes. */
  readonly faultFree?: boolean;
}

/** The paper's methods by name; `radius` is the clipping radius of the data set. */
export function comparedMethods({ radius }: { readonly radius: number }) {
  const methods = collaborativeMethods({ radius });
  return {
    ...methods,
    SCC: { ...methods.SCC, evenData: true },
    "D-SGD": { ...methods["D-SGD"], faultFree: true },
  } satisfies Record<string, ComparedMethod>;
}

export type MethodName = keyof ReturnType<typeof comparedMethods>;

export type AttackName = keyof ReturnType<typeof collaborativeAttacks>;

/** The training options of a method under an attack. */
export function trainingOptions(
  method: ComparedMethod,
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
