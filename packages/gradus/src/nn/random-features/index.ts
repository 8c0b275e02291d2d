// Networks whose hidden parameters are random and frozen, and what a bounded domain of them can represent.

// Regression

export {
  type BandwidthReport,
  type RandomFeatureRegression,
  type RandomFeatureRegressionOptions,
  randomFeatureRegression,
} from "./regression.ts";
export {
  type SelectedSlope,
  type SelectSlopeOptions,
  type SlopeTrial,
  selectSlope,
} from "./select-slope.ts";

// Hidden units

export type { RidgeActivationName } from "./activations.ts";
export {
  firstUnits,
  type HiddenUnits,
  type ParameterBox,
  type RandomUnitsOptions,
  randomUnits,
  unitFeatures,
} from "./hidden-units.ts";
export { type SampleSpectrumOptions, sampleRidgeletSpectrum } from "./sample-spectrum.ts";

// Output layers

export {
  type FitRandomNetworkOptions,
  fitRandomNetwork,
  type OutputLayer,
  type RandomNetwork,
  randomNetworkPath,
} from "./fit.ts";
export {
  type GrowRandomNetworkOptions,
  type GrowthState,
  type GrowthView,
  growRandomNetwork,
} from "./grow.ts";

// Lower bounds

export {
  type LowerBoundOptions,
  lowerBoundAt,
  type RandomNetworkCertificate,
  randomNetworkLowerBound,
  type Witness,
} from "./lower-bound.ts";

// Ridgelet analysis

export {
  type BandlimitedOptions,
  type BandlimitedReconstruction,
  bandlimitedReconstruction,
} from "./bandlimited.ts";
export { type Admissibility, gaussianRidgelet, type Ridgelet, ridgeletAdmissibility } from "./ridgelets.ts";
export {
  type RandomSamples,
  type RidgeParameters,
  ridgeletSynthesis,
  ridgeletTransform,
  ridgeletTransformAt,
  type SampledFunction,
} from "./transform.ts";

// Types of several of these

export type { RidgeSpectrum } from "./activations.ts";
