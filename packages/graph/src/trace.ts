import { checkSignature } from "./dimension-polynomials.ts";
import { checkDType } from "./dtype.ts";
import { type Lowering, lowerToModel } from "./onnx/lower.ts";
import { simplify } from "./simplify.ts";
import { flattenTensors, input, isSpec, type Tensor, type TensorSpec } from "./tensor.ts";
import { flattenTree, type MapTree, type Structure, type Tree, unflattenTree } from "./tree.ts";

/** The signature of a function: a tree of element types and shapes. */
export type Specs = Tree<TensorSpec>;
/** A signature with a tensor in place of every spec: the argument of a traced function. */
export type Traced<S> = MapTree<S, TensorSpec, Tensor>;

/** A tensor and its name in the ONNX file. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** A function as a graph: named inputs and outputs, not yet compiled. */
export interface TracedProgram {
  readonly inputs: readonly NamedTensor[];
  readonly inputStructure: Structure;
  readonly outputs: readonly NamedTensor[];
  readonly outputStructure: Structure;
}

/** Paths as names that are not in `taken`; `alone` names a tensor that is not inside a tree. */
export function claimNames(paths: readonly string[], alone: string, taken: Set<string>): string[] {
  return paths.map((path) => {
    let name = path === "" ? alone : path;
    while (taken.has(name)) name = `${alone}.${name}`;
    taken.add(name);
    return name;
  });
}

/**
 * Traces a function of a tree of tensors and simplifies the graph.
 *
 * Inputs and outputs are named by their paths (`layers.0.weights`), a single one `input` or `output`. An output with
 * the same path as an input is named `output.<path>`.
 *
 * @param sizes the sizes that named dimensions usually have
 * @throws ShapeError, TypeMismatchError from the function's operations, or for a spec that is not valid
 */
export function trace<const S extends Specs, O>(
  f: (inputs: Traced<S>) => O,
  specs: S,
  sizes: Readonly<Record<string, number>> = {},
): TracedProgram {
  const { leaves, paths, structure } = flattenTree(specs, isSpec);
  const tensors = leaves.map(({ dtype, shape }, i) => {
    checkDType(paths[i] || "the input", dtype);
    return input(paths[i], { dtype, shape: checkSignature(paths[i] || "the input", shape) });
  });
  const result = flattenTensors(f(unflattenTree(structure, tensors) as Traced<S>));
  const taken = new Set<string>();
  const inputNames = claimNames(paths, "input", taken);
  const outputNames = claimNames(result.paths, "output", taken);
  return {
    inputs: tensors.map((tensor, i) => ({ name: inputNames[i], tensor })),
    inputStructure: structure,
    outputs: simplify(result.leaves, (name) => sizes[name]).map((tensor, i) => ({
      name: outputNames[i],
      tensor,
    })),
    outputStructure: result.structure,
  };
}

/**
 * The ONNX file of a traced function.
 *
 * @param lowering makes it for one runtime on one machine
 */
export function toOnnx({ inputs, outputs }: TracedProgram, lowering?: Lowering): Uint8Array<ArrayBuffer> {
  return lowerToModel(inputs, outputs, lowering);
}
