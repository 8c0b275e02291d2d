// The module `particles`: values of test functions at many points, and steps of particles toward a point.
export { anisotropicSteps, isotropicSteps, largestGap } from "./particle-steps";
export { drawQuartet } from "./quartet-simd";
export { bowlRows, rowSums, squaredSines } from "./waves";
