export { compileLinearClassifier, fitLinearClassifier, type LinearClassifierOptions } from "./linear.ts";
export {
  anyLoss,
  type ClassifierLoss,
  type CrossEntropyLossOptions,
  crossEntropyLoss,
  scoreLoss,
  squaredErrorLoss,
} from "./loss.ts";
export {
  type ClassifierModel,
  type LinearModel,
  predictionsOf,
  probabilitiesOf,
  scoresOf,
  type TwoLayerModel,
} from "./model.ts";
export { tuneThreshold } from "./threshold.ts";
export type { ClassifierOptions, ClassifierTrainer, Fit, FitOptions } from "./trainer.ts";
export {
  compileTwoLayerClassifier,
  fitTwoLayerClassifier,
  type TwoLayerClassifierOptions,
  type TwoLayerOptions,
} from "./two-layer.ts";
