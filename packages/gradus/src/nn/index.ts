// Layers

export {
  type AttentionOptions,
  type AttentionParameters,
  type AttentionParametersOptions,
  attention,
  attentionParameters,
} from "./attention.ts";
export {
  type BatchNormalizationOptions,
  type BatchNormalizationParameters,
  type BatchNormalizationState,
  batchNormalization,
  batchNormalizationInference,
  batchNormalizationParameters,
} from "./batch-normalization.ts";
export {
  type ConvolutionLayerOptions,
  type ConvolutionParameters,
  type ConvolutionParametersOptions,
  convolutionLayer,
  convolutionParameters,
  convolutionTransposeLayer,
  convolutionTransposeParameters,
} from "./convolution-layer.ts";
export { type DenseOptions, type DenseParameters, dense, denseParameters } from "./dense.ts";
export {
  type DropoutOptions,
  type DropoutState,
  dropout,
  dropoutState,
  nextDropoutState,
} from "./dropout.ts";
export {
  type EmbeddingParameters,
  type EmbeddingParametersOptions,
  embedding,
  embeddingParameters,
} from "./embedding.ts";
export {
  type GroupNormalizationParameters,
  groupNormalization,
  groupNormalizationParameters,
} from "./group-normalization.ts";
export {
  type LayerNormalizationParameters,
  layerNormalization,
  layerNormalizationParameters,
} from "./layer-normalization.ts";
export { type NtkDenseOptions, type NtkScales, ntkDense, ntkDenseParameters } from "./ntk-dense.ts";
export { flatten, globalAveragePool, globalMaxPool } from "./pooling.ts";
export {
  type ResidualBlockOptions,
  type ResidualBlockParameters,
  type ResidualBlockParametersOptions,
  residualBlock,
  residualBlockParameters,
} from "./residual-block.ts";
export {
  type FourierFrequenciesOptions,
  fourierFeatures,
  fourierFrequencies,
  type SinusoidalEmbeddingOptions,
  sinusoidalEmbedding,
} from "./time-embedding.ts";

// Activations and initializers

export { type Activation, type ActivationName, activationOf, activations } from "./activations.ts";
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
  type Stream,
  truncatedGlorotNormal,
  uniformByInputs,
  type VarianceScalingOptions,
  varianceScaling,
  type Weights,
  zeroWeights,
} from "./initializers.ts";
export { type NoiseOptions, noiseCounter, normalNoise, uniformNoise } from "./noise.ts";

// Models

export type { Model, ModelStart, StatefulModel } from "./model.ts";
export {
  type ConvnetOptions,
  type ConvnetParameters,
  type ConvolutionStage,
  convnet,
} from "./models/convnet.ts";
export {
  type DirectionNetworkOptions,
  type DirectionNetworkParameters,
  directionNetwork,
} from "./models/direction-network.ts";
export { type MlpOptions, type MlpParameters, mlp } from "./models/mlp.ts";
export { type ResNetOptions, type ResNetParameters, resNet } from "./models/res-net.ts";
export { type ResidualMlpOptions, type ResidualMlpParameters, residualMlp } from "./models/residual-mlp.ts";
export {
  type Transformer,
  type TransformerOptions,
  type TransformerParameters,
  transformer,
} from "./models/transformer.ts";
export { type UNetOptions, type UNetParameters, uNet } from "./models/u-net.ts";
export { type VggOptions, type VggParameters, type VggState, vgg } from "./models/vgg.ts";

// Shared types

export type { RunningStatistics } from "./models/normalizations.ts";
export type { TimeOptions } from "./models/time-features.ts";
