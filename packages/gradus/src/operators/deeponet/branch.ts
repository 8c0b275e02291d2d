import {
  type ArrayValue,
  add,
  array,
  expandDims,
  type FloatType,
  matmul,
  squeeze,
  type Tensor,
  transpose,
} from "@gradus/graph";
import { type DenseParameters, dense, denseParameters } from "../../nn/dense.ts";
import type { Initializer, Stream } from "../../nn/initializers.ts";

/** What a branch learns: layers with an activation behind each, then one without. */
export type BranchParameters<T = Tensor> = {
  readonly hidden: readonly DenseParameters<T>[];
  /** Its bias is left out in networks without bias. */
  readonly last: { readonly weights: T; readonly bias?: T };
};

export interface BranchStart {
  /** m, the widths of the hidden layers, and p. */
  readonly widths: readonly number[];
  readonly bias: boolean;
  readonly initializer: Initializer;
  readonly stream: Stream;
  readonly dtype: FloatType;
}

/** One network from m sensors to p coefficients. */
export function branchParameters({ widths, bias, ...start }: BranchStart): BranchParameters<ArrayValue> {
  const layers = widths.slice(1).map((outputs, i) =>
    denseParameters({
      inputs: widths[i],
      outputs,
      initializer: start.initializer,
      stream: start.stream.split(i),
      dtype: start.dtype,
    }),
  );
  const last = layers[layers.length - 1];
  return { hidden: layers.slice(0, -1), last: bias ? last : { weights: last.weights } };
}

/** u [n, m] to [n, p]. */
export function applyBranch(
  { hidden, last }: BranchParameters,
  u: Tensor,
  activation: (x: Tensor) => Tensor,
): Tensor {
  const h = hidden.reduce((x, layer) => activation(dense(layer, x)), u);
  const b = matmul(h, last.weights);
  return last.bias ? add(b, last.bias) : b;
}

/** p networks from m sensors to one coefficient each, side by side: every array has a leading axis of length p. */
export function stackedBranchParameters({ widths, ...start }: BranchStart): BranchParameters<ArrayValue> {
  const p = widths[widths.length - 1];
  const single = [...widths.slice(0, -1), 1];
  const networks = Array.from({ length: p }, (_, k) =>
    branchParameters({ ...start, widths: single, stream: start.stream.split(k) }),
  );
  const stacked = (arrays: readonly ArrayValue[], shape: readonly number[]): ArrayValue => {
    const all = arrays.flatMap(({ data }) => Array.from(data, Number));
    return array(start.dtype === "f32" ? Float32Array.from(all) : Float64Array.from(all), [p, ...shape]);
  };
  const hidden = networks[0].hidden.map((_, l) => ({
    weights: stacked(
      networks.map((network) => network.hidden[l].weights),
      [single[l], single[l + 1]],
    ),
    bias: stacked(
      networks.map((network) => network.hidden[l].bias),
      [1, single[l + 1]],
    ),
  }));
  const weights = stacked(
    networks.map(({ last }) => last.weights),
    [single[single.length - 2], 1],
  );
  if (!start.bias) return { hidden, last: { weights } };
  const zeros = start.dtype === "f32" ? new Float32Array(p) : new Float64Array(p);
  return { hidden, last: { weights, bias: array(zeros, [p, 1, 1]) } };
}

/** u [n, m] to [n, p]: one batched product a layer. */
export function applyStackedBranch(
  { hidden, last }: BranchParameters,
  u: Tensor,
  activation: (x: Tensor) => Tensor,
): Tensor {
  const h = hidden.reduce(
    (x, { weights, bias }) => activation(add(matmul(x, weights), bias)),
    expandDims(u, 0),
  );
  const b = matmul(h, last.weights);
  return transpose(squeeze(last.bias ? add(b, last.bias) : b, 2), [1, 0]);
}
