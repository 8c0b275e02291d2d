// The module `networks`: outputs and gradients of two-layer ReLU networks in float32.
export { networkOutputs, reluGateBytes, reluWorkspace, unitGradients } from "./relu-network";
export { addGradients, unitDerivatives, unitOutputs } from "./relu-network";
