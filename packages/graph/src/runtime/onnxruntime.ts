import type {
  InferenceSession,
  InferenceSessionFactory,
  OnnxValue,
  Tensor,
  TensorConstructor,
} from "onnxruntime-common";
import type { DataArray, DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { runFailure } from "./failure.ts";
import type { ArrayValue, LoadOptions, Runtime, Session } from "./runtime.ts";

const typeNames = { f32: "float32", f64: "float64", i64: "int64", bool: "bool" } as const;
const dtypes: Readonly<Record<string, DType>> = {
  float32: "f32",
  float64: "f64",
  int64: "i64",
  bool: "bool",
};

/** The part of ONNX Runtime's JavaScript interface that its Node and browser packages share. */
export interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/**
 * Session options without the fusion that takes the factor of a matrix product into the product: it rounds the factor
 * of a float64 product to float32.
 */
export const exactFactors = {
  optimization: { disable_specified_optimizers: "MatMulScaleFusion" },
} as const;

/** ONNX Runtime and how it is to load one program. */
export interface Backend {
  readonly ort: OnnxRuntime;
  readonly options: InferenceSession.SessionOptions;
  /** Of every run; the runtime's own when left out. */
  readonly runOptions?: InferenceSession.RunOptions;
}

interface Limits {
  readonly lacks?: readonly DType[];
  /** Programs are loaded and run one after the other. */
  readonly oneAtATime?: boolean;
}

function toTensor(ort: OnnxRuntime, { dtype, shape, data }: ArrayValue): Tensor {
  const make = ort.Tensor as new (type: string, data: DataArray, dims: readonly number[]) => Tensor;
  return new make(typeNames[dtype], data, shape);
}

function fromTensor(value: OnnxValue): ArrayValue {
  const tensor = value as Tensor;
  return { dtype: dtypes[tensor.type], shape: tensor.dims, data: tensor.data as DataArray };
}

function loadFailure(cause: unknown): GraphError {
  const message = `${cause instanceof Error ? cause.message : cause}`;
  // of WebAssembly that did not start: no program was read
  const failure = message.includes("[wasm]")
    ? "needs ort-wasm-simd-threaded.wasm beside the bundle"
    : "rejected the program";
  return new GraphError(`ONNX Runtime ${failure}: ${message}`, { cause });
}

async function translating<T>(action: () => Promise<T>, failure: (cause: unknown) => GraphError): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw failure(cause);
  }
}

/** Does one thing after the other. */
function queue(): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const next = last.then(action);
    last = next.catch(() => undefined);
    return next;
  };
}

/** A runtime on one of ONNX Runtime's packages. */
export function onnxRuntime(
  name: string,
  { lacks, oneAtATime }: Limits,
  prepare: (options: LoadOptions) => Promise<Backend>,
): Runtime {
  const perform = oneAtATime ? queue() : <T>(action: () => Promise<T>) => action();
  return {
    name,
    lacks,
    async load(model, loadOptions): Promise<Session> {
      const { ort, options, runOptions } = await prepare(loadOptions);
      const session = await translating(
        () => perform(() => ort.InferenceSession.create(model, options)),
        loadFailure,
      );
      const { inputNames, outputNames } = session;
      return {
        async run(inputs) {
          const feeds: Record<string, Tensor> = {};
          for (let i = 0; i < inputNames.length; i++) feeds[inputNames[i]] = toTensor(ort, inputs[i]);
          const results = await translating(() => perform(() => session.run(feeds, runOptions)), runFailure);
          return outputNames.map((name) => fromTensor(results[name]));
        },
        release: () => perform(() => session.release()),
      };
    },
  };
}
