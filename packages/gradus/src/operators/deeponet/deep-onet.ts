import {
  type ArrayValue,
  add,
  array,
  expandDims,
  matmul,
  matrixTranspose,
  mul,
  slice,
  squeeze,
  stack,
  sum,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { type Activation, activationOf } from "../../nn/activations.ts";
import { type Initializer, truncatedGlorotNormal } from "../../nn/initializers.ts";
import { checkedStart } from "../../nn/model.ts";
import { type MlpParameters, mlp } from "../../nn/models/mlp.ts";
import {
  applyBranch,
  applyStackedBranch,
  type BranchParameters,
  branchParameters,
  stackedBranchParameters,
} from "./branch.ts";
import type { FeatureMap } from "./feature-map.ts";
import type { OperatorNetwork } from "./operator-network.ts";

/** A branch and a trunk. */
export type BranchAndTrunk<T = Tensor> = {
  readonly branch: BranchParameters<T>;
  readonly trunk: MlpParameters<T>;
  /** b0, a number an output; left out in networks without bias. */
  readonly offset?: T;
};

/** What a DeepONet learns: one branch and trunk, or one for each output where they are independent. */
export type DeepONetParameters<T = Tensor> = { readonly networks: readonly BranchAndTrunk<T>[] };

/**
 * How several outputs share the parts: networks of their own; both last layers split into groups; one trunk with a group
 * of branch coefficients for each output; one branch with a group of trunk functions for each output.
 */
export type OutputStrategy = "independent" | "split-both" | "split-branch" | "split-trunk";

export interface DeepONetOptions {
  /** m. */
  readonly sensors: number;
  /** d, the coordinates of a location. */
  readonly dimension?: number;
  /** Widths of the branch's layers; the last is p, or p outputs where the strategy splits the branch. */
  readonly branch?: readonly number[];
  /** Widths of the trunk's layers; the last is p, or p outputs where the strategy splits the trunk. */
  readonly trunk?: readonly number[];
  readonly activation?: Activation;
  /** p branch networks with one output each in place of one with p outputs. */
  readonly stacked?: boolean;
  /** A number added to the product, and a bias in the branch's last layer. Hidden layers always have one. */
  readonly bias?: boolean;
  readonly outputs?: number;
  readonly strategy?: OutputStrategy;
  /** In front of the trunk. */
  readonly features?: FeatureMap;
  readonly initializer?: Initializer;
}

/** Groups of coefficients in branch and trunk. */
const GROUPS: Readonly<Record<OutputStrategy, { readonly branch: boolean; readonly trunk: boolean }>> = {
  independent: { branch: false, trunk: false },
  "split-both": { branch: true, trunk: true },
  "split-branch": { branch: true, trunk: false },
  "split-trunk": { branch: false, trunk: true },
};

/**
 * A deep operator network: G(u)(y) = sum_k b_k(u(x_1), .., u(x_m)) t_k(y) + b0. The trunk has an activation behind its
 * last layer too, the branch has none there.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, section 3; several outputs, Lu et al. 2022, section 3.1.6.
 *
 * @throws ArgumentError unless sizes are integers >= 1 and the last layers of branch and trunk fit each other, or for an
 *   unknown option, activation or strategy
 */
export function deepONet(options: DeepONetOptions): OperatorNetwork<DeepONetParameters<ArrayValue>> {
  checkGivenOptions("deepONet", options, [
    "sensors",
    "dimension",
    "branch",
    "trunk",
    "activation",
    "stacked",
    "bias",
    "outputs",
    "strategy",
    "features",
    "initializer",
  ]);
  const {
    sensors,
    dimension = options.features?.inputs ?? 1,
    branch = [40, 40],
    trunk = [40, 40, 40],
    activation = "relu",
    stacked = false,
    bias = true,
    outputs = 1,
    strategy = "split-both",
    features,
    initializer = truncatedGlorotNormal,
  } = options;
  checkPositiveInteger({ sensors, dimension, outputs, branch: branch.length, trunk: trunk.length });
  checkPositiveInteger(Object.fromEntries(branch.map((width, i) => [`branch[${i}]`, width])));
  checkBoolean({ stacked, bias });
  checkOneOf(Object.keys(GROUPS), { strategy });
  if (features && features.inputs !== dimension)
    throw new ArgumentError(`features must take ${dimension} coordinates, got a map of ${features.inputs}`);
  const groups = GROUPS[strategy];
  const width = commonWidth({ branch, trunk, outputs, strategy });
  const act = activationOf(activation);
  const hidden = trunk.slice(0, -1);
  const last = trunk[trunk.length - 1];
  const trunkNetwork = mlp({
    inputs: features?.outputs ?? dimension,
    hidden,
    outputs: last,
    activation,
    outputActivation: activation,
    initializer,
  });
  const members = strategy === "independent" ? outputs : 1;
  const perMember = outputs / members;

  const branchOf = (p: BranchAndTrunk, u: Tensor) =>
    stacked ? applyStackedBranch(p.branch, u, act) : applyBranch(p.branch, u, act);
  const trunkOf = (p: BranchAndTrunk, y: Tensor) =>
    trunkNetwork.apply(p.trunk, features ? features.apply(y) : y);
  /** The coefficients of one output. */
  const group = (x: Tensor, split: boolean, o: number) =>
    split && perMember > 1 ? slice(x, { axis: -1, start: o * width, end: (o + 1) * width }) : x;

  /** All outputs, each a product of its own group of branch and trunk. */
  function combine(
    { networks }: DeepONetParameters,
    product: (b: Tensor, t: Tensor) => Tensor,
    u: Tensor,
    y: Tensor,
  ): Tensor {
    const each = networks.flatMap((network) => {
      const [b, t] = [branchOf(network, u), trunkOf(network, y)];
      return Array.from({ length: perMember }, (_, o) => {
        const s = product(group(b, groups.branch, o), group(t, groups.trunk, o));
        if (!network.offset) return s;
        return add(
          s,
          perMember > 1 ? slice(network.offset, { axis: 0, start: o, end: o + 1 }) : network.offset,
        );
      });
    });
    return outputs === 1 ? each[0] : stack(each, { axis: 2 });
  }

  return {
    sensors,
    dimension,
    outputs,
    mapsLocations: features !== undefined,
    parameters(start) {
      const { stream, dtype = "f32" } = checkedStart("deepONet.parameters", start);
      const network = (own: typeof stream): BranchAndTrunk<ArrayValue> => {
        const first = { widths: [sensors, ...branch], bias, initializer, stream: own.split("branch"), dtype };
        const parts = {
          branch: stacked ? stackedBranchParameters(first) : branchParameters(first),
          trunk: trunkNetwork.parameters({ stream: own.split("trunk"), dtype }),
        };
        if (!bias) return parts;
        const zeros = dtype === "f32" ? new Float32Array(perMember) : new Float64Array(perMember);
        return { ...parts, offset: array(zeros, [perMember]) };
      };
      return { networks: Array.from({ length: members }, (_, k) => network(stream.split(k))) };
    },
    applyGrid: (parameters, u, y) => combine(parameters, (b, t) => matmul(b, matrixTranspose(t)), u, y),
    applyScattered(parameters, u, y) {
      if (y.shape[1] === 1) {
        const single = (b: Tensor, t: Tensor) => sum(mul(b, t), { axes: 1, keepDims: true });
        return combine(parameters, single, u, squeeze(y, 1));
      }
      const product = (b: Tensor, t: Tensor) => sum(mul(expandDims(b, 1), t), { axes: 2 });
      return combine(parameters, product, u, y);
    },
  };
}

/** The number of coefficients that a product sums over, p. */
function commonWidth({
  branch,
  trunk,
  outputs,
  strategy,
}: Required<Pick<DeepONetOptions, "branch" | "trunk" | "outputs" | "strategy">>): number {
  const ends = { branch: branch[branch.length - 1], trunk: trunk[trunk.length - 1] };
  const widthOf = (part: "branch" | "trunk") => {
    if (outputs === 1 || !GROUPS[strategy][part]) return ends[part];
    if (ends[part] % outputs !== 0)
      throw new ArgumentError(
        `the last width of ${part} must be a multiple of the ${outputs} outputs with the strategy "${strategy}", got ${ends[part]}`,
      );
    return ends[part] / outputs;
  };
  const [b, t] = [widthOf("branch"), widthOf("trunk")];
  if (b !== t)
    throw new ArgumentError(
      `branch and trunk must end in as many coefficients${outputs > 1 ? " for each output" : ""}, got ${b} and ${t}`,
    );
  return b;
}
