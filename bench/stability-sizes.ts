/** Constants of the cases of dynamical stability; `peers/stability.py` has the same. */
export const stabilitySizes = {
  /** Gaussian Jacobians, examples x parameters: one that a dense Kronecker matrix can hold, one that it cannot. */
  jacobians: { small: [40, 20], large: [300, 600] },
  /** Relative change at which power iteration ends. */
  change: 1e-10,
  /** A two-layer ReLU network and its examples. */
  network: { features: 20, hidden: 60, examples: 60, teacher: 5, clip: 10 },
  /** Single-example steps of a call, and those after which numbers are compared: later, roundings have grown. */
  steps: { rate: 0.016, count: 500, checked: 20 },
  /** What the quick ReLU experiment trains, with as many steps for every learning rate. */
  experiment: { sgd: [0.008, 0.016, 0.032], sgdSteps: 20_000, gd: [0.016, 0.064, 0.1, 0.14], gdSteps: 300 },
} as const;
