import type {
  InferenceSession,
  InferenceSessionFactory,
  OnnxValue,
  Tensor,
  TensorConstructor,
} from "onnxruntime-common";
import type { DataArray, DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import type { ArrayValue, Runtime, Session, SessionOptions } from "./runtime.ts";

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

function toTensor(ort: OnnxRuntime, { dtype, shape, data }: ArrayValue): Tensor {
  const make = ort.Tensor as new (type: string, data: DataArray, dims: readonly number[]) => Tensor;
  return new make(typeNames[dtype], data, shape);
}

function fromTensor(value: OnnxValue): ArrayValue {
  const tensor = value as Tensor;
  return { dtype: dtypes[tensor.type], shape: tensor.dims, data: tensor.data as DataArray };
}

/** A runtime on one of ONNX Runtime's packages. */
export function onnxRuntime(
  name: string,
  load: (options: SessionOptions) => Promise<OnnxRuntime>,
  sessionOptions: (options: SessionOptions) => InferenceSession.SessionOptions,
): Runtime {
  return {
    name,
    async load(model, options): Promise<Session> {
      const ort = await load(options);
      let session: InferenceSession;
      try {
        session = await ort.InferenceSession.create(model, sessionOptions(options));
      } catch (cause) {
        throw new GraphError(
          `ONNX Runtime refused the program: ${cause instanceof Error ? cause.message : cause}`,
          { cause },
        );
      }
      return {
        async run(inputs) {
          const feeds: Record<string, Tensor> = {};
          for (const key in inputs) feeds[key] = toTensor(ort, inputs[key]);
          const results = await session.run(feeds);
          const values: Record<string, ArrayValue> = {};
          for (const key of session.outputNames) values[key] = fromTensor(results[key]);
          return values;
        },
        release: () => session.release(),
      };
    },
  };
}
