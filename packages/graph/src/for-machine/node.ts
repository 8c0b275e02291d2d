import { GraphError } from "../errors.ts";
import { loopOp } from "../loop.ts";
import { fitsSeparateBias } from "../onnx/separate-bias.ts";
import { fitsSeparateMatrix } from "../onnx/separate-matrix.ts";
import { convolutionOp, convolutionTransposeOp, convolutionWeightsOp } from "../ops/convolution.ts";
import { fitsBlocks } from "../ops/convolution-blocks.ts";
import { canPair, fillsBlock, pairedProduct } from "../ops/convolution-pairs.ts";
import { fitsPhases } from "../ops/convolution-phases.ts";
import { fitsPlanes } from "../ops/convolution-planes.ts";
import { fitsExchanged, fitsWeightBlocks } from "../ops/convolution-weights-blocks.ts";
import { fitsWeightPlanes } from "../ops/convolution-weights-planes.ts";
import { ASSUMED_SIZE } from "../ops/product-operations.ts";
import type { ArrayValue, ForMachine, Machine, SizedModel } from "../runtime/runtime.ts";
import type { Dimension } from "../shape.ts";
import { isSpec, reachable, type Tensor, type TensorSpec, type TensorType } from "../tensor.ts";
import { type Specs, type TracedProgram, toOnnx } from "../trace.ts";
import { flattenTree, unflattenTree } from "../tree.ts";
import { knownSizes, type TraceAgain } from "./contract.ts";

/** Sizes of named dimensions. */
type Sizes = ReadonlyMap<string, number>;

/** The operations that can work on blocks of channels. */
const convolutionFamily: ReadonlySet<unknown> = new Set([
  convolutionOp,
  convolutionTransposeOp,
  convolutionWeightsOp,
]);

/** Whether a node is lowered to the operators on blocks of channels. */
function hasBlocks(node: Tensor, block: number): boolean {
  return (
    (node.op === convolutionOp && (fitsBlocks(node, block) || fitsPlanes(node, block))) ||
    (node.op === convolutionTransposeOp && fitsPhases(node, block)) ||
    (node.op === convolutionWeightsOp &&
      [fitsWeightBlocks, fitsExchanged, fitsWeightPlanes].some((fits) => fits(node, block)))
  );
}

/** A shape with sizes in place of names. */
const sized = (shape: readonly Dimension[], sizes: Sizes) => shape.map((d) => sizes.get(String(d)) ?? d);

/** A signature with sizes in place of names. */
function withSizes(specs: Specs, sizes: Sizes): Specs {
  const { leaves, structure } = flattenTree(specs, isSpec);
  const known = leaves.map((spec): TensorSpec => ({ ...spec, shape: sized(spec.shape, sizes) }));
  return unflattenTree(structure, known) as Specs;
}

/** The names of batches whose convolutions would be computed on pairs of samples if the sizes were known. */
function namesForPairs(nodes: readonly Tensor[], expected: Sizes, block: number): Sizes {
  const names = new Map<string, number>();
  for (const node of nodes) {
    const [batch] = node.shape;
    const size = typeof batch === "string" ? expected.get(batch) : undefined;
    if (node.op !== convolutionOp || typeof batch !== "string" || size === undefined) continue;
    const [x, w] = node.inputs;
    const known = <T extends TensorType>(tensor: T): T => ({
      ...tensor,
      shape: sized(tensor.shape, expected),
    });
    const fixed: Tensor = { ...known(node), inputs: [known(x), w] };
    if (canPair(fixed, block) && fillsBlock(fixed, block) && fitsBlocks(fixed, block)) names.set(batch, size);
  }
  return names;
}

/** Makes the model for a machine whose convolutions work on blocks of channels, or that has several threads. */
export function forMachine(
  traced: TracedProgram,
  sizes: Readonly<Record<string, number>> | undefined,
  traceAgain?: TraceAgain,
): ForMachine {
  const expected = new Map(Object.entries(sizes ?? {}));
  const sizeOf = (name: string) => expected.get(name) ?? ASSUMED_SIZE;
  const nodesOf = ({ outputs }: TracedProgram) => reachable(outputs.map(({ tensor }) => tensor));
  const nodes = nodesOf(traced);
  const loops = nodes.some(({ op }) => op === loopOp);
  const isApart = (node: Tensor) =>
    fitsSeparateBias(node, sizeOf) || (loops && fitsSeparateMatrix(node, sizeOf));
  const convolutions = nodes.filter(({ op }) => convolutionFamily.has(op));
  const separates = (threads: number) => threads > 1 && nodes.some(isApart);
  const modelOf = (program: TracedProgram, { channels, threads }: Machine, blocks: boolean) =>
    toOnnx(program, {
      sizeOf: knownSizes(sizes),
      block: blocks ? channels : undefined,
      oneThread: threads === 1,
      threadedSizes: separates(threads) ? sizeOf : undefined,
    });

  /** The model for known sizes, if its convolutions are computed on pairs of samples. */
  function withPairs(known: Sizes, again: TraceAgain, machine: Machine): SizedModel | undefined {
    const program = again((specs) => withSizes(specs, known));
    const pairs = (node: Tensor) =>
      node.op === convolutionWeightsOp && pairedProduct(node, machine.channels) !== undefined;
    if (!nodesOf(program).some(pairs)) return undefined;
    const shapes = program.inputs.map(({ tensor }) => tensor.shape);
    return {
      model: modelOf(program, machine, true),
      fits: (inputs: readonly ArrayValue[]) =>
        shapes.every((shape, i) =>
          shape.every((d, axis) => typeof d === "string" || d === inputs[i].shape[axis]),
        ),
    };
  }

  return {
    convolves: convolutions.length > 0,
    model(machine) {
      const { channels, threads } = machine;
      const blocks = channels > 1 && convolutions.some((node) => hasBlocks(node, channels));
      return blocks || separates(threads) ? modelOf(traced, machine, blocks) : undefined;
    },
    sizedModel(machine) {
      const known = namesForPairs(convolutions, expected, machine.channels);
      if (known.size === 0 || traceAgain === undefined) return undefined;
      try {
        return withPairs(known, traceAgain, machine);
      } catch (error) {
        // a function that calls a size by its name has none where the name is gone
        if (error instanceof GraphError) return undefined;
        throw error;
      }
    },
  };
}
