import type { DataArray, DType } from "../dtype.ts";

/** A dense array: row-major data, its shape and element type. */
export interface ArrayValue<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataArray;
}

/** How a runtime runs programs. */
export interface SessionOptions {
  /**
   * Threads inside one operation. When left out, on the native runtime 1 where the program's largest operation is too
   * small to gain, else the machine's cores, 8 at most. On WebAssembly the cores, 4 at most, and the first program decides
   * for all; a page has threads only where it is cross-origin isolated, and float64 products use one.
   */
  readonly threads?: number;
}

/** What a program tells its runtime. */
export interface LoadOptions extends SessionOptions {
  /** Work of the largest operation, in operations of a float32 product; unknown when left out. */
  readonly work?: number;
}

/** One loaded model. */
export interface Session {
  /** Runs the model on its inputs, in the model's order; results in the order of its outputs. */
  run(inputs: readonly ArrayValue[]): Promise<readonly ArrayValue[]>;
  release(): Promise<void>;
}

/**
 * Where models run: ONNX Runtime's native library in Node, its WebAssembly build in browsers and where Node has no native
 * library, a worker, WebGPU.
 */
export interface Runtime {
  readonly name: string;
  /** Element types for which it has no kernels. */
  readonly lacks?: readonly DType[];
  load(model: Uint8Array<ArrayBuffer>, options: LoadOptions): Promise<Session>;
}
