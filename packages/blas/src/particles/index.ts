export { anisotropicSteps, isotropicSteps, type ParticleStepArguments } from "./steps.ts";
export { squaresAndWaves, waveBowls } from "./waves.ts";
