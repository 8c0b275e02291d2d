export { anisotropicSteps, isotropicSteps, type ParticleStepArguments } from "./steps.ts";
export { Swarm, type SwarmMove, type Ziggurat } from "./swarm.ts";
export { squaresAndWaves, waveBowls } from "./waves.ts";
