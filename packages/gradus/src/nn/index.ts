// Layers

export {
  batchNormalization,
  batchNormalizationInference,
  batchNormalizationParameters,
} from "./batch-normalization.ts";
export {
  convolutionLayer,
  convolutionParameters,
  convolutionTransposeLayer,
  convolutionTransposeParameters,
} from "./convolution-layer.ts";
export { dense, denseParameters } from "./dense.ts";
export { dropout, dropoutState, nextDropoutState } from "./dropout.ts";
export { groupNormalization, groupNormalizationParameters } from "./group-normalization.ts";
export { layerNormalization, layerNormalizationParameters } from "./layer-normalization.ts";
export { ntkDense, ntkDenseParameters } from "./ntk-dense.ts";
export { flatten, globalAveragePool, globalMaxPool } from "./pooling.ts";
export { residualBlock, residualBlockParameters } from "./residual-block.ts";
export { fourierFeatures, fourierFrequencies, sinusoidalEmbedding } from "./time-embedding.ts";

// Activations and initializers

export { type Activation, activationOf, activations } from "./activations.ts";
export {
  constantWeights,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  lecunUniform,
  normalWeights,
  orthogonalWeights,
  uniformByInputs,
  varianceScaling,
  zeroWeights,
} from "./initializers.ts";
export { noiseCounter, normalNoise, uniformNoise } from "./noise.ts";

// Models

export type { Model, StatefulModel } from "./model.ts";
export { convnet } from "./models/convnet.ts";
export { directionNetwork } from "./models/direction-network.ts";
export { type MlpOptions, type MlpParameters, mlp } from "./models/mlp.ts";
export { resNet } from "./models/res-net.ts";
export { residualMlp } from "./models/residual-mlp.ts";
export { uNet } from "./models/u-net.ts";
export { vgg } from "./models/vgg.ts";
