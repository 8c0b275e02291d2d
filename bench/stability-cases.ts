import type { Case, Contender } from "./cases.ts";
import { stabilitySizes } from "./stability-sizes.ts";

const gradus = (program: string): Contender => ({ peer: "gradus-host", program, label: "gradus" });
const python = (program: string, label: string): Contender => ({ peer: "scipy", program, label });

const { jacobians, network, experiment } = stabilitySizes;
const [n, P] = jacobians.large;
const [few, small] = jacobians.small;
const net = `${network.hidden} ReLU units, d = ${network.features}`;
/** Power iteration ends short of the threshold, by some 300 times the change that ends it. */
const THRESHOLD = 1e-6;
/** Roundings grow over thousands of steps at the edge of stability. */
const TRAINED = 1e-4;

/** Exact stability thresholds, and steps of small networks, beside numpy and PyTorch. */
export const stabilityCases: readonly Case[] = [
  {
    id: "stability-threshold",
    title: `Exact stability threshold of SGD, batch of one, Jacobian ${n} x ${P}`,
    unit: "threshold",
    contenders: [
      gradus("stability-threshold-large"),
      python("stability-threshold-large-power", "numpy, power iteration"),
      python("stability-threshold-large-lanczos", "scipy, eigsh on the same operator"),
    ],
    budgets: [{ against: "numpy, power iteration", atMost: 1.5 }],
    tolerance: THRESHOLD,
  },
  {
    id: "stability-kronecker",
    title: `The same, Jacobian ${few} x ${small}, beside the matrix of order ${small ** 2} written out`,
    unit: "threshold",
    contenders: [
      gradus("stability-threshold-small"),
      python("stability-threshold-small-power", "numpy, power iteration"),
      python("stability-threshold-small-kronecker", "numpy, Kronecker matrix"),
    ],
    budgets: [],
    tolerance: THRESHOLD,
  },
  {
    id: "stability-step",
    title: `SGD step on one example, ${net}, clipped, float64`,
    unit: "step",
    contenders: [
      gradus("stability-step"),
      python("stability-step", "numpy"),
      { peer: "pytorch", program: "stability-step", label: "PyTorch" },
    ],
    budgets: [
      { against: "PyTorch", atMost: 1 / 20 },
      { against: "numpy", atMost: 1 / 2 },
    ],
    tolerance: 1e-6,
  },
  {
    id: "stability-experiment",
    title: `${net}, n = ${network.examples}: ${experiment.sgd.length} runs of ${experiment.sgdSteps.toLocaleString("en")} steps on one example and ${experiment.gd.length} of ${experiment.gdSteps} on all`,
    unit: "all runs",
    contenders: [gradus("stability-experiment"), python("stability-experiment", "numpy")],
    budgets: [],
    tolerance: TRAINED,
  },
];
