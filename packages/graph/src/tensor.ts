import { shown } from "./check.ts";
import { checkSignature } from "./dimension-polynomials.ts";
import { allocate, checkDType, type DataArray, type DType, dtypeOf, isFloat } from "./dtype.ts";
import { GraphError, ShapeError, TypeMismatchError } from "./errors.ts";
import type { Emitter } from "./onnx/emit.ts";
import { checkShape, type Dimension, formatShape, type Shape, sizeOfShape } from "./shape.ts";
import { type Flattened, flattenTree, unflattenTree } from "./tree.ts";

/** The element type and the shape of a tensor. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * A symbolic tensor: one node of a graph. Immutable; its inputs have smaller ids, so the order by id is topological.
 */
export interface Tensor extends TensorType {
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attributes: unknown;
}

/** A node as its derivative rules see it. */
export interface Application<A> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attributes: A;
}

/**
 * An operation: its type rule, derivatives in both modes, vectorization and ONNX lowering in one record. The functions
 * use method syntax so that operations with different attribute types can be in one graph.
 */
export interface Op<A = unknown> {
  readonly name: string;
  /** Type of the result; throws ShapeError or TypeMismatchError. */
  type(inputs: readonly Tensor[], attributes: A): TensorType;
  /** Vector-Jacobian products: one per input, `undefined` for an input without derivative. Absent: zero derivative. */
  vjp?(application: Application<A>, cotangent: Tensor): readonly (Tensor | undefined)[];
  /** Jacobian-vector product: a missing tangent is zero. Absent: zero derivative. */
  jvp?(application: Application<A>, tangents: readonly (Tensor | undefined)[]): Tensor | undefined;
  /**
   * The operation over a leading axis of size `size`: `inputs[i]` has that axis where `batched[i]`, and the result has
   * it. At least one input is batched. Absent: the operation cannot be vectorized.
   */
  vmap?(inputs: readonly Tensor[], batched: readonly boolean[], attributes: A, size: Dimension): Tensor;
  /** Emits ONNX nodes and returns the name of the result. */
  lower(emit: Emitter, inputs: readonly string[], application: Application<A>): string;
  /**
   * The tensors whose names `lower` gets, the inputs if absent: an input that only moves the entries of another tensor can
   * be left out for that one.
   *
   * @param block the channels in a block, as the emitter has it
   */
  operands?(application: Application<A>, block: number | undefined): readonly Tensor[];
  /** The operand that holds indices along an axis, and the size of that axis. */
  indexed?(application: Application<A>): { readonly indices: Tensor; readonly size: Dimension };
  /** The minimum size of an axis for the operation to have a result, and the operation's public name. */
  leastSize?(application: Application<A>): {
    readonly operation: string;
    readonly size: Dimension;
    readonly least: number;
    /** Whether a run with less would have a wrong result, so that it is refused. */
    readonly assumed?: boolean;
  };
  /** Nodes beyond the inputs that must exist first (a loop's body). */
  predecessors?(attributes: A): readonly Tensor[];
  /** Outer tensors that a loop's body uses, in addition to the inputs. */
  captures?(attributes: A): readonly Tensor[];
}

/** A tensor, or a number that becomes a scalar constant of the other operand's type. */
export type Operand = Tensor | number;

let lastId = 0;

/** What makes a constant of a value that is no tensor, for an error's end. */
function remedyFor(value: unknown): string {
  if (ArrayBuffer.isView(value)) return "; use constant(values, shape)";
  if (typeof value !== "object" || value === null) return "";
  if ("dtype" in value && "data" in value) return "; use constants(value)";
  return "rows" in value && "values" in value ? "; use constants(array(matrix))" : "";
}

/** The error of an operand that is no tensor. */
function notATensor(operation: string, wanted: string, value: unknown): TypeMismatchError {
  return new TypeMismatchError(
    `${operation}: operands must be ${wanted}, got ${shown(value)}${remedyFor(value)}`,
  );
}

/**
 * Applies an operation: checks types and makes the node.
 *
 * @throws TypeMismatchError when an input is no tensor
 */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  for (const given of inputs) if (!isTensor(given)) throw notATensor(op.name, "tensors", given);
  const { dtype, shape } = op.type(inputs, attributes);
  return { id: ++lastId, op, inputs, attributes, dtype, shape };
}

/** Whether a value is a symbolic tensor. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "op" in value && "inputs" in value && "id" in value;
}

export interface ConstantAttributes extends TensorType {
  readonly data: DataArray;
  readonly shape: readonly number[];
  /** Its name in the ONNX file, where it is free. */
  readonly label?: string;
}

export const constantOp: Op<ConstantAttributes> = {
  name: "constant",
  type: (_, attributes) => attributes,
  lower: (emit, _, { attributes }) =>
    emit.constant(attributes.dtype, attributes.shape, attributes.data, attributes.label),
};

/**
 * A constant from data, in row-major order.
 *
 * @throws ShapeError when `shape` does not have as many elements as `data`
 * @throws TypeMismatchError for data that are not a typed array of an element type
 */
export function constant(data: DataArray, shape: readonly number[] = [data.length]): Tensor {
  const dtype = dtypeOf(data as unknown);
  if (dtype === undefined)
    throw new TypeMismatchError(
      `constant: data must be a Float32Array, Float64Array, BigInt64Array or Uint8Array, got ${shown(data)}`,
    );
  checkShape("constant", shape);
  if (sizeOfShape(shape) !== data.length)
    throw new ShapeError(
      `constant: shape ${formatShape(shape)} holds ${sizeOfShape(shape)} elements, data has ${data.length}`,
    );
  return apply(constantOp, [], { dtype, shape, data });
}

/** A constant that keeps its name in the ONNX file. */
export function labeledConstant(label: string, data: DataArray, shape: readonly number[]): Tensor {
  const { dtype } = constant(data, shape);
  return apply(constantOp, [], { dtype, shape, data, label });
}

/**
 * A scalar constant.
 *
 * @throws TypeMismatchError unless the number suits the element type: an integer for i64, 0 or 1 for bool
 */
export function scalar(value: number, dtype: DType): Tensor {
  checkDType("scalar", dtype);
  return numberOf("scalar", value, dtype);
}

/** A number of that element type as a scalar constant. */
function numberOf(operation: string, value: number, dtype: DType): Tensor {
  const fits = isFloat(dtype) || (dtype === "i64" ? Number.isSafeInteger(value) : value === 0 || value === 1);
  if (typeof value !== "number" || !fits)
    throw new TypeMismatchError(
      `${operation}: a number of type ${dtype} must be ${isFloat(dtype) ? "a number" : dtype === "i64" ? "an integer" : "0 or 1"}, got ${shown(value)}`,
    );
  const data = allocate(dtype, 1);
  if (data instanceof BigInt64Array) data[0] = BigInt(value);
  else data[0] = value;
  return constant(data, []);
}

/** The value of a scalar constant; undefined for any other tensor. */
export function scalarValue(tensor: Tensor): number | undefined {
  if (tensor.op !== constantOp) return undefined;
  const { data } = tensor.attributes as ConstantAttributes;
  return data.length === 1 ? Number(data[0]) : undefined;
}

/** Turns numbers into constants of the type of the first tensor among the operands. */
export function operands(operation: string, ...values: Operand[]): Tensor[] {
  const like = values.find(isTensor);
  if (!like)
    throw new TypeMismatchError(
      `${operation}: at least one operand must be a tensor, got ${values.map(shown).join(", ")}`,
    );
  return values.map((value) => {
    if (typeof value === "number") return numberOf(operation, value, like.dtype);
    if (isTensor(value)) return value;
    throw notATensor(operation, "tensors or numbers", value);
  });
}

/** @throws TypeMismatchError unless all tensors have one element type */
export function sameType(operation: string, tensors: readonly Tensor[]): DType {
  for (const given of tensors) if (!isTensor(given)) throw notATensor(operation, "tensors", given);
  const { dtype } = tensors[0];
  for (const t of tensors)
    if (t.dtype !== dtype)
      throw new TypeMismatchError(
        `${operation}: operands must have the same type, got ${tensors.map((x) => x.dtype).join(" and ")}; use cast`,
      );
  return dtype;
}

/** @throws TypeMismatchError unless the tensor is f32 or f64 */
export function floatType(operation: string, tensor: Tensor): "f32" | "f64" {
  if (!isTensor(tensor)) throw notATensor(operation, "tensors", tensor);
  if (!isFloat(tensor.dtype))
    throw new TypeMismatchError(`${operation}: expected a floating-point tensor, got ${tensor.dtype}`);
  return tensor.dtype;
}

/** The element type and shape of an input in a program's signature: `f32("batch", 784)`. */
export type TensorSpec<D extends DType = DType> = { readonly dtype: D; readonly shape: Shape };

export function isSpec(value: unknown): value is TensorSpec {
  return (
    typeof value === "object" &&
    value !== null &&
    !("op" in value) &&
    "dtype" in value &&
    typeof value.dtype === "string" &&
    "shape" in value &&
    Array.isArray(value.shape)
  );
}

function spec<D extends DType>(dtype: D, shape: readonly Dimension[]): TensorSpec<D> {
  return { dtype, shape: checkSignature(dtype, shape) };
}

/** A float32 input with the given dimensions: numbers, names, or sums of products of names (`"past+sequence"`). */
export const f32 = (...shape: Dimension[]) => spec("f32", shape);
/** A float64 input. */
export const f64 = (...shape: Dimension[]) => spec("f64", shape);
/** An input of 64-bit integers. */
export const i64 = (...shape: Dimension[]) => spec("i64", shape);
/** An input of booleans. */
export const bool = (...shape: Dimension[]) => spec("bool", shape);

/** The input of a program or of a loop's body. */
export const inputOp: Op<TensorSpec & { readonly label: string }> = {
  name: "input",
  type: (_, { dtype, shape }) => ({ dtype, shape }),
  lower: (_, __, { attributes }) => {
    throw new GraphError(
      `"${attributes.label}" is not an input of this program: it belongs to another trace or to a loop body`,
    );
  },
};

export function input(label: string, { dtype, shape }: TensorType): Tensor {
  return apply(inputOp, [], { label, dtype, shape });
}

/** The tensors of a tree, in order. */
export function flattenTensors(tree: unknown): Flattened<Tensor> {
  return flattenTree(tree, isTensor);
}

/** Applies `f` to every tensor of a tree, or to the corresponding tensors of several trees of the same structure. */
export function mapTensors<P>(
  f: (tensor: Tensor, ...others: Tensor[]) => Tensor,
  tree: P,
  ...others: P[]
): P {
  const { leaves, structure } = flattenTensors(tree);
  const rest = others.map((other) => flattenTensors(other).leaves);
  // The structure is the one of `tree`, so the result has its type.
  return unflattenTree(
    structure,
    leaves.map((leaf, i) => f(leaf, ...rest.map((r) => r[i]))),
  ) as P;
}

/** All nodes on which the given ones depend, including loop bodies, in topological order. */
export function reachable(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...outputs];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    for (const t of tensor.inputs) stack.push(t);
    for (const t of tensor.op.predecessors?.(tensor.attributes) ?? []) stack.push(t);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
