// Tuning

export { type HardlyLearned, hardlyLearned, type UnusualColumn } from "./hardly-learned.ts";
export { pacedTuning } from "./paced-tuning.ts";
export type { TunedParameters } from "./trained-part.ts";
export { compileTuner, type TuneIterate, type TuneRun, type Tuner, type TunerOptions } from "./tuner.ts";

// Imported models in other methods

export type { ModelInputs } from "./batch-output.ts";
export { type ConstantInput, checkedConstant } from "./constant-inputs.ts";
export { type ExplainableModelOptions, explainableModel } from "./explainable-model.ts";
export { arrangeInputs, batchAxes, type ModelInputOptions, rowInputs } from "./model-inputs.ts";
export {
  type ModelBatch,
  type ModelData,
  type ModelLossName,
  type ModelObjective,
  type ModelObjectiveOptions,
  modelLosses,
  modelObjective,
} from "./objective.ts";
export { moduleSlots, parameterModules, sharingModules } from "./parameter-modules.ts";
export { trainableParameters } from "./trainable-parameters.ts";
