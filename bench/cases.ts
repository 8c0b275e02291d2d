/** Sizes and constants of the cases; every peer reads them from the manifest beside the inputs. */
export const sizes = {
  /** The 784-128-10 network: relu, softmax cross-entropy, plain gradient descent. */
  small: { inputs: 784, hidden: 128, classes: 10, batch: 64, rows: 6400, steps: 100, learningRate: 0.05 },
  /** The same network at a size where matrix products take the time. */
  wide: { inputs: 1024, hidden: 2048, classes: 10, batch: 256, rows: 256, learningRate: 0.05 },
  /** Six 64-wide layers, tanh between them, mean squared error. */
  deep: { layers: 6, width: 64, batch: 32 },
  /** A linear model on the whole set; the labels are 10 % positive. */
  linear: { rows: 100_000, features: 29, slope: 73, learningRate: { bce: 0.1, metric: 0.01 } },
  /** Iterations from the starting point after which the peers' numbers are compared. */
  checkedIterations: 5,
} as const;

/** A way to run a case: which process, which of its programs, and what the table calls it. */
export interface Contender {
  readonly peer: "gradus" | "gradus-wasm" | "pytorch" | "tfjs" | "jax-js";
  readonly program: string;
  readonly label: string;
}

/** What DESIGN asks: gradus' time over the contender's, at most. */
export interface Budget {
  readonly against: string;
  readonly atMost: number;
}

export interface Case {
  readonly id: string;
  readonly title: string;
  /** What one time is the time of. */
  readonly unit: string;
  readonly contenders: readonly Contender[];
  readonly budgets: readonly Budget[];
  /** Relative difference up to which two peers' numbers are the same. */
  readonly tolerance: number;
}

const SINGLE = 2e-4;
/** Some peers sum 100,000 float32 terms one after the other. */
const LONG_SUM = 2e-3;
const DOUBLE = 1e-9;

const everyone = (program: string, pytorch = "PyTorch"): Contender[] => [
  { peer: "gradus", program, label: "gradus" },
  { peer: "gradus-wasm", program, label: "gradus, WASM" },
  { peer: "pytorch", program, label: pytorch },
  { peer: "tfjs", program, label: "TF.js WASM" },
  { peer: "jax-js", program, label: "jax-js" },
];

const secondOrder = (program: string): Contender[] => [
  ...everyone(program, "PyTorch, double backward"),
  { peer: "pytorch", program: `${program}-func`, label: "PyTorch, torch.func" },
];

const fullBatch = (loss: string, title: string): Case => ({
  id: loss,
  title: `${title}, linear model, 100,000 x 29, full-batch iteration`,
  unit: "iteration",
  contenders: everyone(loss),
  budgets: [],
  tolerance: LONG_SUM,
});

export const cases: readonly Case[] = [
  {
    id: "step",
    title: "784-128-10 training step, batch 64, a call a step",
    unit: "step",
    contenders: everyone("step"),
    budgets: [{ against: "PyTorch", atMost: 0.5 }],
    tolerance: SINGLE,
  },
  {
    id: "steps",
    title: "784-128-10 training step, batch 64, 100 steps over gathered batches",
    unit: "step",
    contenders: everyone("steps"),
    budgets: [{ against: "PyTorch", atMost: 0.5 }],
    tolerance: SINGLE,
  },
  {
    id: "wide",
    title: "1024-2048-10 training step, batch 256, a call a step",
    unit: "step",
    contenders: everyone("wide"),
    budgets: [{ against: "PyTorch", atMost: 1.1 }],
    tolerance: SINGLE,
  },
  {
    id: "gradient",
    title: "6x64 network, batch 32: value and gradient",
    unit: "gradient",
    contenders: everyone("gradient"),
    budgets: [],
    tolerance: SINGLE,
  },
  {
    id: "hvp",
    title: "6x64 network, batch 32: Hessian-vector product",
    unit: "product",
    contenders: secondOrder("hvp"),
    budgets: [
      { against: "PyTorch, double backward", atMost: 0.4 },
      { against: "PyTorch, torch.func", atMost: 0.15 },
      { against: "jax-js", atMost: 0.1 },
    ],
    tolerance: SINGLE,
  },
  {
    id: "hvp-double",
    title: "6x64 network, batch 32: Hessian-vector product, float64",
    unit: "product",
    contenders: secondOrder("hvp-double"),
    budgets: [
      { against: "PyTorch, double backward", atMost: 0.4 },
      { against: "PyTorch, torch.func", atMost: 0.15 },
      { against: "jax-js", atMost: 0.1 },
    ],
    tolerance: DOUBLE,
  },
  fullBatch("bce", "Cross-entropy"),
  fullBatch("f1", "AnyLoss F1"),
  fullBatch("balanced", "AnyLoss balanced accuracy"),
  fullBatch("gmean", "AnyLoss G-mean"),
];
