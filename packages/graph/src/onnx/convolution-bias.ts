import { binaryOps } from "../ops/arithmetic.ts";
import { convolutionOp, convolutionTransposeOp } from "../ops/convolution.ts";
import type { Convolution } from "../ops/convolution-products.ts";
import { reshapeOp } from "../ops/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Emitter } from "./emit.ts";
import type { Usage } from "./usage.ts";

/** A convolution and the bias that is added to its channels. */
export interface BiasedConvolution {
  readonly convolution: Tensor;
  /** With as many entries as there are channels. */
  readonly bias: Tensor;
  /** The nodes that need not be computed beside it. */
  readonly parts: readonly Tensor[];
}

const withBias: ReadonlySet<unknown> = new Set([convolutionOp, convolutionTransposeOp]);

/** Whether `bias` has one number per channel of the convolution and broadcasts along all other dimensions. */
function fits({ shape }: Tensor, { shape: result, attributes }: Tensor): boolean {
  const channelAxis = (attributes as Convolution).kernel.length + 1;
  return (
    shape.length >= channelAxis &&
    shape.length <= result.length &&
    shape.every((d, axis) => d === (axis === shape.length - channelAxis ? result.at(-channelAxis) : 1))
  );
}

/** The vector of which a bias is a reshape, or the bias itself. */
function vectorOf(bias: Tensor): Tensor {
  const [vector] = bias.op === reshapeOp ? bias.inputs : [bias];
  return vector.shape.length === 1 ? vector : bias;
}

/**
 * The bias additions that become part of an ONNX Conv or ConvTranspose, which saves a pass and allows fusing the activation after it.
 */
export function planBiases(
  nodes: readonly Tensor[],
  { onlyFor }: Usage,
): ReadonlyMap<Tensor, BiasedConvolution> {
  const plan = new Map<Tensor, BiasedConvolution>();
  for (const node of nodes) {
    if (node.op !== binaryOps.add) continue;
    const [a, b] = node.inputs;
    for (const [convolution, bias] of [
      [a, b],
      [b, a],
    ])
      if (withBias.has(convolution.op) && onlyFor(convolution, node) && fits(bias, convolution)) {
        const vector = vectorOf(bias);
        const parts = vector !== bias && onlyFor(bias, node) ? [convolution, bias] : [convolution];
        plan.set(node, { convolution, bias: vector, parts });
        break;
      }
  }
  return plan;
}

/** Emits a convolution of the operands with a bias and returns the name of its result. */
export function lowerBiased(
  emit: Emitter,
  { convolution, bias }: BiasedConvolution,
  operands: readonly string[],
  nameOf: (tensor: Tensor) => string,
): string {
  const { inputs, attributes, op } = convolution;
  const name = nameOf(bias);
  const flat = bias.shape.length === 1 ? name : emit.node("Reshape", [name, emit.integers([-1])]);
  return op.lower(emit, [...operands, flat], { inputs, output: convolution, attributes });
}
