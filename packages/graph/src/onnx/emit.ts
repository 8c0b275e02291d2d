import { countsAlike, termsOf } from "../dimension-polynomials.ts";
import { allocate, type DataArray, type DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { isStatic, type Shape } from "../shape.ts";
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from "./messages.ts";

const dataTypes: Readonly<Record<DType, number>> = { f32: 1, i64: 7, bool: 9, f64: 11 };

export type Attributes = Readonly<Record<string, number | string | readonly number[] | GraphProto>>;

/** A number attribute whose ONNX type is float. */
const floatAttributes = new Set(["alpha", "beta", "epsilon"]);

function attributeProto(name: string, value: Attributes[string]): AttributeProto {
  if (typeof value === "number")
    return floatAttributes.has(name) ? { name, float: value } : { name, int: value };
  if (typeof value === "string") return { name, text: value };
  if (Array.isArray(value)) return { name, ints: value };
  return { name, graph: value as GraphProto };
}

/** Operators whose results have shapes that depend on more than the shapes of their operands. */
const shapedByNumbers = new Set(["Reshape", "Expand", "Slice", "Concat", "Pad", "Tile", "Range"]);

export function valueInfo(name: string, dtype: DType, shape: Shape): ValueInfoProto {
  return { name, dataType: dataTypes[dtype], dimensions: shape };
}

/** The sums of a matrix' columns. */
export interface ColumnSums {
  readonly matrix: string;
  /** The sizes whose product is the number of rows. */
  readonly rows: Shape;
  readonly columns: number;
  /** Whether the result is a row rather than a vector. */
  readonly keepsRow: boolean;
}

/** The state that the emitters of one model share: unique names, constants, and the sources of named dimensions. */
export interface ModelScope {
  readonly initializers: TensorProto[];
  readonly constants: Map<string, string>;
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  /** For a named dimension: an input of the program that has it, and at which axis. */
  readonly dimensions: ReadonlyMap<string, { readonly input: string; readonly axis: number }>;
  /** The outermost emitter, which gets the nodes that depend on no loop. */
  outermost?: Emitter;
  names: number;
  /** Versions of the operator sets of other domains. */
  readonly domains: Map<string, number>;
  /** Names of inputs, outputs and constants, which the caller chooses. */
  readonly taken: ReadonlySet<string>;
  /** Names of constants that no constant has yet. */
  readonly labels: Set<string>;
  /** The channels that a block of the processor's convolutions has; absent from a file for any runtime. */
  readonly block?: number;
  /** Whether the runtime has one thread. */
  readonly oneThread?: boolean;
  /** Emits sums of columns over many rows; undefined where one product with ones is as fast. */
  readonly longSums?: (emit: Emitter, sums: ColumnSums) => string | undefined;
}

/** The shapes of the inputs and the output of an elementwise node. */
interface Broadcasting {
  readonly inputs: readonly { readonly shape: Shape }[];
  readonly output: { readonly shape: Shape };
}

/** Collects the ONNX nodes of one graph: the program's, or a loop's body. */
export class Emitter {
  readonly nodes: NodeProto[] = [];
  /** The shapes of results that do not follow from the operators. */
  readonly values: ValueInfoProto[] = [];
  readonly #scope: ModelScope;
  readonly #sizes = new Map<string, string>();
  readonly #results: Map<string, string>;

  /** @param results of the graph around it, made before, which it may use */
  constructor(scope: ModelScope, results: ReadonlyMap<string, string> = new Map()) {
    this.#scope = scope;
    this.#results = new Map(results);
    scope.outermost ??= this;
  }

  /** The channels of a block, where the model is for a runtime that convolves blocks of channels. */
  get block(): number | undefined {
    return this.#scope.block;
  }

  /** Whether the model is for a runtime with one thread. */
  get oneThread(): boolean {
    return this.#scope.oneThread ?? false;
  }

  /** Sums of columns over many rows; undefined where one product with ones is as fast. */
  longSums(sums: ColumnSums): string | undefined {
    return this.#scope.longSums?.(this, sums);
  }

  /** A unique name in the model: ONNX requires names to be unique across a loop's body and the outer graph. */
  unique(prefix: string): string {
    for (;;) {
      this.#scope.names += 1;
      const name = `${prefix}_${this.#scope.names}`;
      if (!this.#scope.taken.has(name)) return name;
    }
  }

  /** Adds a node with one result and returns the result's name. */
  node(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.nodeWith(opType, inputs, attributes, 1)[0];
  }

  nodeWith(opType: string, inputs: readonly string[], attributes: Attributes, results: number): string[] {
    const outputs = Array.from({ length: results }, () => this.unique(opType));
    this.addNode(opType, inputs, outputs, attributes);
    return outputs;
  }

  addNode(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
  ): void {
    this.nodes.push({
      opType,
      inputs,
      outputs,
      attributes: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    });
  }

  /**
   * Writes down the shape of the last node's result, where it has named dimensions and does not follow from the operator:
   * the runtime then knows which arrays have the same size, and elementwise operations overwrite their operands.
   */
  describe(result: string, dtype: DType, shape: Shape): void {
    const last = this.nodes.at(-1);
    if (last?.outputs[0] !== result || isStatic(shape) || !shapedByNumbers.has(last.opType)) return;
    if (this.values.at(-1)?.name !== result) this.values.push(valueInfo(result, dtype, shape));
  }

  /** A node with one result of an operator set that is not ONNX's own, in its first version. */
  nodeOf(domain: string, opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const result = this.node(opType, inputs, attributes);
    this.nodes.push({ ...this.nodes.pop()!, domain });
    this.#scope.domains.set(domain, 1);
    return result;
  }

  /** The result with this key, made once in this graph, or before it in the graph around it. */
  once(key: string, make: () => string): string {
    const name = this.#results.get(key) ?? make();
    this.#results.set(key, name);
    return name;
  }

  /** The result with this key, made once, outside of all loops. */
  outside(key: string, make: (outermost: Emitter) => string): string {
    const outermost = this.#scope.outermost!;
    return outermost.once(key, () => make(outermost));
  }

  /** A node of another file, with its attributes as they are there; returns the names of the results. */
  foreign(
    {
      opType,
      domain,
      version,
      encoded,
    }: Required<Pick<NodeProto, "opType" | "domain" | "encoded">> & { readonly version: number },
    inputs: readonly string[],
    results: number,
  ): string[] {
    const outputs = Array.from({ length: results }, () => this.unique(opType));
    if (domain !== "")
      this.#scope.domains.set(domain, Math.max(version, this.#scope.domains.get(domain) ?? 1));
    this.nodes.push({ opType, inputs, outputs, attributes: [], domain, encoded });
    return outputs;
  }

  /** One of two results; only the selected branch is computed. A branch may use everything computed before. */
  either(
    condition: string,
    then: (branch: Emitter) => string,
    otherwise: (branch: Emitter) => string,
    { dtype, shape }: { readonly dtype: DType; readonly shape: Shape },
  ): string {
    const graphOf = (build: (branch: Emitter) => string): GraphProto => {
      const branch = new Emitter(this.#scope, this.#results);
      const result = build(branch);
      return {
        name: this.unique("branch"),
        nodes: branch.nodes,
        initializers: [],
        inputs: [],
        outputs: [valueInfo(result, dtype, shape)],
      };
    };
    return this.node("If", [condition], { then_branch: graphOf(then), else_branch: graphOf(otherwise) });
  }

  /** A constant of the model; equal constants share a name. */
  constant(dtype: DType, shape: readonly number[], data: DataArray, label?: string): string {
    const raw = new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    const key = raw.length <= 64 && !label ? `${dtype}[${shape}]${raw}` : undefined;
    const known = key && this.#scope.constants.get(key);
    if (known) return known;
    const name = label && this.#scope.labels.delete(label) ? label : this.unique("constant");
    this.#scope.initializers.push({ name, dimensions: shape, dataType: dataTypes[dtype], raw });
    if (key) this.#scope.constants.set(key, name);
    return name;
  }

  /** A constant of one element, with as many dimensions as the other operand. */
  scalar(dtype: DType, value: number, rank: number): string {
    const data = allocate(dtype, 1);
    if (data instanceof BigInt64Array) data[0] = BigInt(value);
    else data[0] = value;
    return this.constant(dtype, new Array(rank).fill(1), data);
  }

  /**
   * A node that broadcasts. When a single element with fewer dimensions is combined with [n, 1], ONNX Runtime is 80
   * times slower than with equal numbers of dimensions, so single elements get the result's number of dimensions.
   */
  elementwise(
    opType: string,
    names: readonly string[],
    { inputs, output }: Broadcasting,
    attributes: Attributes = {},
  ): string {
    const rank = output.shape.length;
    const aligned = names.map((name, i) => {
      const { shape } = inputs[i];
      return shape.length < rank && shape.every((d) => d === 1)
        ? this.node("Reshape", [name, this.integers(new Array(rank).fill(1))])
        : name;
    });
    return this.node(opType, aligned, attributes);
  }

  /** A constant vector of i64. */
  integers(values: readonly number[]): string {
    return this.constant("i64", [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A constant vector of i64 with many entries; those with the same key share a name. */
  manyIntegers(key: string, values: readonly number[]): string {
    const { constants } = this.#scope;
    const name = constants.get(key) ?? this.integers(values);
    constants.set(key, name);
    return name;
  }

  cast(x: string, dtype: DType): string {
    return this.node("Cast", [x], { to: dataTypes[dtype] });
  }

  /** The i64 vector of a shape; named dimensions are read from the inputs of the run. */
  shapeVector(shape: Shape): string {
    if (isStatic(shape)) return this.integers(shape);
    return this.#scope.outermost!.namedShape(shape);
  }

  /**
   * The same entries in another shape.
   *
   * @param shape one dimension may be -1, what the others leave; none of these is 0 then
   */
  reshape(name: string, shape: Shape): string {
    // A 0 would stand for the dimension that was at its place before, that of a named dimension at run time, too.
    const mayBeEmpty = shape.some((d) => d === 0 || typeof d === "string");
    const allowzero = mayBeEmpty && !shape.includes(-1) ? 1 : 0;
    return this.node("Reshape", [name, this.shapeVector(shape)], { allowzero });
  }

  /**
   * Float32 ones, as many as a shape has elements, made once outside of loops.
   *
   * @param form their shape, with -1 for what the number determines
   */
  ones(shape: Shape, form: readonly number[]): string {
    return this.outside(`ones ${shape} as ${form}`, (outermost) => {
      const ones = outermost.node("Expand", [this.scalar("f32", 1, shape.length), this.shapeVector(shape)]);
      const fits = form.length === 1 && shape.length === 1;
      return fits ? ones : outermost.node("Reshape", [ones, this.integers(form)]);
    });
  }

  /** The number of elements of a shape, as an i64 vector of one entry, made outside of loops. */
  countVector(shape: Shape): string {
    if (shape.length === 1) return this.shapeVector(shape);
    return this.outside(`count of ${shape}`, (outermost) =>
      outermost.node("ReduceProd", [this.shapeVector(shape)], { keepdims: 1 }),
    );
  }

  /** The number of elements of a shape, as an i64 scalar; if an input has as many, its Size is a single node. */
  elementCount(shape: Shape): string {
    const like = this.#scope.inputs.find((input) => countsAlike(input.shape, shape));
    if (like) return this.node("Size", [like.name]);
    const vector = this.shapeVector(shape);
    return shape.length === 1
      ? this.node("Squeeze", [vector])
      : this.node("ReduceProd", [vector], { keepdims: 0 });
  }

  private namedShape(shape: Shape): string {
    const key = shape.join(",");
    const known = this.#sizes.get(key);
    if (known) return known;
    const parts = shape.map((d) => (typeof d === "number" ? this.integers([d]) : this.#dimension(d)));
    const vector = parts.length === 1 ? parts[0] : this.node("Concat", parts, { axis: 0 });
    this.#sizes.set(key, vector);
    return vector;
  }

  /** A named dimension or a sum of products of them, as a vector of one entry. */
  #dimension(dimension: string): string {
    const key = `dimension ${dimension}`;
    const known = this.#sizes.get(key);
    if (known) return known;
    const source = this.#scope.dimensions.get(dimension);
    const vector = source
      ? this.node("Shape", [source.input], { start: source.axis, end: source.axis + 1 })
      : this.#sum(dimension);
    this.#sizes.set(key, vector);
    return vector;
  }

  #sum(dimension: string): string {
    const [first, ...rest] = termsOf(dimension);
    if (rest.length === 0 && first.count === 1 && first.names.length === 1)
      throw new GraphError(
        `dimension "${dimension}" does not occur in any input of the program, so its size is unknown`,
      );
    const product = ({ count, names }: typeof first) =>
      [
        ...(count === 1 && names.length > 0 ? [] : [this.integers([count])]),
        ...names.map((d) => this.#dimension(d)),
      ].reduce((a, b) => this.node("Mul", [a, b]));
    return [first, ...rest].map(product).reduce((a, b) => this.node("Add", [a, b]));
  }
}
