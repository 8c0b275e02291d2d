import type { DataArray, DType } from "../dtype.ts";

/** A dense array: row-major data, its shape and element type. */
export interface ArrayValue<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataArray;
}

export interface SessionOptions {
  /** Threads inside one operation; the machine's cores when left out (1 in a page that is not cross-origin isolated). */
  readonly threads?: number;
}

/** One loaded model. */
export interface Session {
  /** Runs the model on named inputs; results by name. */
  run(inputs: Readonly<Record<string, ArrayValue>>): Promise<Record<string, ArrayValue>>;
  release(): Promise<void>;
}

/** Where models run: ONNX Runtime's native library in Node, its WebAssembly build in browsers. */
export interface Runtime {
  readonly name: string;
  load(model: Uint8Array<ArrayBuffer>, options: SessionOptions): Promise<Session>;
}
