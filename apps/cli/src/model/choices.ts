import type { ModelLossName } from "gradus/models";

// Help and completion name these without loading the library.
export const losses = [
  "cross-entropy",
  "binary-cross-entropy",
  "squared",
] as const satisfies readonly ModelLossName[];

/** The optimizers of `--optimizer`. */
export const optimizerNames = ["adam", "adamw", "sgd", "momentum", "nesterov", "rmsprop", "adagrad"] as const;
export type OptimizerName = (typeof optimizerNames)[number];
