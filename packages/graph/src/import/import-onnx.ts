import { checkModelSource, checkOneOf, checkOptions, shown } from "../check.ts";
import { isFloat } from "../dtype.ts";
import { InputError } from "../errors.ts";
import type { NamedSpec } from "../onnx/signature.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { type ConstantAttributes, isTensor, type Tensor } from "../tensor.ts";
import { Evaluator } from "./evaluate.ts";
import {
  defaultOutput,
  describedValues,
  dimensionNames,
  elementTypesOf,
  nodesOf,
  specOf,
  usageOf,
} from "./model-values.ts";
import { readModel } from "./read-model.ts";
import { readOnnx } from "./read-onnx.ts";
import type { ExternalData } from "./read-tensor.ts";
import { checkOperators, operatorName } from "./supported-operators.ts";
import { type TensorUse, usesOf } from "./tensor-uses.ts";
import type { TrainingMode } from "./training-mode.ts";
import { tensorOf, type Value } from "./values.ts";

export interface ImportOptions {
  /** The contents of the files that hold tensors outside the model's file, by their names in it. */
  readonly external?: ExternalData;
  /** "f64" computes in float64 what the file has in float32; the default is the file's own types. */
  readonly precision?: "file" | "f64";
  /** Whether derivatives pass through the rounding of QuantizeLinear as if it were not there; by default they are 0. */
  readonly straightThrough?: boolean;
  /**
   * Whether nodes without counterpart here (trees, suppression of boxes, operators of other domains) stay in the graph as
   * they are, for their values only; by default they are refused. A derivative through one of them is refused.
   */
  readonly keepForward?: boolean;
}

/** Options of an import by path or URL. */
export interface ImportFileOptions extends ImportOptions {
  /** Ends the reading with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** An ONNX model as a differentiable function. */
export interface ImportedModel {
  /** The inputs; a dimension is a number, a name, or a sum of names such as `"past+sequence"`. Integers of any width are i64. */
  readonly inputs: readonly NamedSpec[];
  /** Names of the outputs, in the file's order. */
  readonly outputs: readonly string[];
  /** The output of which losses and explanations are by default: the first of floating-point numbers, else the first. */
  readonly defaultOutput: string;
  /**
   * The floating-point tensors stored in the file, by name: those inside of branches and loops too, and those apart that
   * PyTorch has stored once because they were equal. In a file that stores none, the arrays of Constant nodes that layers
   * read. Also what linear models and support vector machines of the domain ai.onnx.ml hold in attributes, by the names
   * of node and attribute: `LinearClassifier.coefficients`.
   */
  readonly parameters: Readonly<Record<string, ArrayValue>>;
  /** Names of parameters that training leaves alone: the moments that batch normalization has stored, and masks. */
  readonly frozen: readonly string[];
  /** Names of the moments that training updates: those of batch normalization in training mode. */
  readonly runningMoments: readonly string[];
  /** Which nodes read each parameter, and in which place of their inputs. */
  readonly uses: Readonly<Record<string, readonly TensorUse[]>>;
  /** The nodes that are kept for their values only. */
  readonly forwardOnly: readonly string[];
  /** The version of the standard operator set. */
  readonly opset: number;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of the operators in the graph and how often each occurs, bodies of loops and branches included. */
  readonly operators: Readonly<Record<string, number>>;
  /**
   * The model's outputs, while a function is traced.
   *
   * @param inputs a tensor for each input
   * @param parameters tensors in place of the stored parameters; those that are left out are constants of the file
   * @param trainingMode how Dropout and BatchNormalization nodes work that the file has in training mode
   * @throws InputError naming an input or parameter that is missing, unknown, or of another type or rank
   * @throws UnsupportedError naming the node and what of it is not supported
   * @throws ShapeError naming the node whose inputs do not fit
   */
  apply(
    inputs: Readonly<Record<string, Tensor>>,
    parameters?: Readonly<Record<string, Tensor>>,
    trainingMode?: TrainingMode,
  ): Record<string, Tensor>;
}

/** @throws InputError unless the tensors are keyed by known names */
function checkNames(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || isTensor(given))
    throw new InputError(`apply: the ${what}s must be an object of tensors by name, got ${shown(given)}`);
  for (const [name, tensor] of Object.entries(given)) {
    if (!known.includes(name))
      throw new InputError(
        `apply: the model has no ${what} ${shown(name)}; it has ${known.join(", ") || "none"}`,
      );
    if (!isTensor(tensor))
      throw new InputError(`apply: ${what} ${name} must be a tensor, got ${shown(tensor)}`);
  }
}

/**
 * Reads an ONNX model, such as one exported from PyTorch, Keras or scikit-learn, as a differentiable function of its
 * inputs and parameters: it can be trained, differentiated, vectorized and exported again.
 *
 *     const model = await importOnnx("classifier.onnx");
 *     const loss = (parameters, { x, labels }) =>
 *       mean(crossEntropy(model.apply({ input: x }, parameters).logits, labels));
 *     const step = jit(({ parameters, ...batch }) => valueAndGradient(loss)(parameters, batch));
 *     const { value, gradient } = await step.run({ parameters: model.parameters, x, labels });
 *
 * Operator sets 7 to 23 of the standard domain, the nodes that ONNX Runtime's optimizer fuses, and the linear models,
 * support vector regression and encoders of the domain ai.onnx.ml. Integers of all widths are computed as 64-bit ones,
 * labels that are text as their places in the list of labels.
 *
 * @param model the bytes of an ONNX file; or, as `readOnnx` takes it, the file's path or URL, of which the result is a
 *   promise: tensors in other files of its folder are then read, too
 * @throws InputError for an unknown option, a model that is none of these, a file that cannot be read, or external data
 *   that were not given
 * @throws UnsupportedError when the bytes are not an ONNX model, hold other types than numbers and booleans, or use
 *   operators that are not supported: the message lists all of them with their nodes
 */
export function importOnnx(model: Uint8Array, options?: ImportOptions): ImportedModel;
export function importOnnx(model: string | URL, options?: ImportFileOptions): Promise<ImportedModel>;
export function importOnnx(
  model: Uint8Array | string | URL,
  options: ImportFileOptions = {},
): ImportedModel | Promise<ImportedModel> {
  return typeof model === "string" || model instanceof URL
    ? importFile(model, options)
    : importBytes(model, options);
}

const OPTIONS = ["external", "precision", "straightThrough", "keepForward"];

async function importFile(source: string | URL, options: ImportFileOptions): Promise<ImportedModel> {
  checkOptions("importOnnx", options, [...OPTIONS, "signal"]);
  const { signal, ...rest } = options;
  const { bytes, external } = await readOnnx(source, { signal, external: rest.external });
  return importBytes(bytes, { ...rest, external });
}

function importBytes(model: Uint8Array, options: ImportOptions): ImportedModel {
  checkOptions("importOnnx", options, OPTIONS);
  const { external = {}, precision = "file", straightThrough = false, keepForward = false } = options;
  checkOneOf(["file", "f64"], { "importOnnx: precision": precision });
  for (const [name, flag] of Object.entries({ straightThrough, keepForward }))
    if (typeof flag !== "boolean")
      throw new InputError(`importOnnx: ${name} must be true or false, got ${shown(flag)}`);
  checkModelSource("importOnnx", model);
  const description = readModel(model);
  const { graph, opsets, producer, metadata } = description;
  const promote = precision === "f64";
  const evaluator = new Evaluator(description, {
    external,
    promote,
    straightThrough,
    elementTypes: elementTypesOf(description),
    described: keepForward ? describedValues(description) : undefined,
  });
  const kept = checkOperators(description, keepForward);
  const { settings, measured, running } = usageOf(description);
  const stored = new Set(graph.initializers.map(({ name }) => name));
  // Before IR version 4 initializers had to be listed among the inputs.
  const free = graph.inputs.filter(({ name }) => !stored.has(name));
  const names = dimensionNames(free);
  const inputs = free.map((value) => ({ name: value.name, spec: specOf(value, { promote, names }) }));
  const parameters: Record<string, ArrayValue> = Object.create(null);
  const keep = (name: string, { dtype, shape, attributes }: Tensor) => {
    parameters[name] = { dtype, shape: shape.map(Number), data: (attributes as ConstantAttributes).data };
  };
  for (const tensor of graph.initializers) {
    const stored = evaluator.stored(tensor, `initializer ${tensor.name}`);
    // What this library's own files call a constant is one.
    const own = producer === "gradus" && /^constant_\d+$/.test(tensor.name);
    if (isFloat(stored.dtype) && !settings.has(tensor.name) && !own) keep(tensor.name, stored);
  }
  for (const [name, tensor] of evaluator.held) keep(name, tensor);
  const counts: Record<string, number> = {};
  for (const { opType, domain } of nodesOf(description)) {
    const name = operatorName({ opType, domain });
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const outputs = graph.outputs.map(({ name }) => name);
  return {
    inputs,
    outputs,
    defaultOutput: defaultOutput(description),
    parameters,
    frozen: Object.keys(parameters).filter((name) => measured.has(name)),
    runningMoments: Object.keys(parameters).filter((name) => running.has(name)),
    uses: usesOf(description, Object.keys(parameters)),
    forwardOnly: kept.map(({ name, outputs: [first] }) => name || first || "unnamed"),
    opset: opsets.get("") ?? 1,
    producer,
    metadata,
    operators: counts,
    apply(given, own = {}, trainingMode = {}) {
      checkNames(
        "input",
        given,
        inputs.map(({ name }) => name),
      );
      checkNames("parameter", own, Object.keys(parameters));
      const values = new Map<string, Value>();
      for (const { name, spec } of inputs) {
        const tensor = given[name];
        if (!tensor) throw new InputError(`apply: input ${name} is missing`);
        if (tensor.dtype !== spec.dtype || tensor.shape.length !== spec.shape.length)
          throw new InputError(
            `apply: input ${name} must be ${spec.dtype}[${spec.shape.join(", ")}], got ${tensor.dtype}[${tensor.shape.join(", ")}]`,
          );
        values.set(name, tensor);
      }
      for (const [name, tensor] of Object.entries(own)) values.set(name, tensor);
      const results = evaluator.run(values, trainingMode);
      return Object.fromEntries([...results].map(([name, value]) => [name, tensorOf(value)]));
    },
  };
}
