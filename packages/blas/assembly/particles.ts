// The module `particles`: values of test functions at many points, and steps of particles toward a point.
export { anisotropicSteps, isotropicSteps } from "./particle-steps";
export { bowlRows, rowSums, squaredSines } from "./waves";
