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
   * Threads within one operation. The default on the native runtime is 1 if the program's largest operation is too
   * small to benefit, otherwise the number of cores, at most 8. On WebAssembly it is the number of cores, at most 4,
   * and the first program determines it for all; a page has threads only if it is cross-origin isolated, and float64
   * products use one.
   */
  readonly threads?: number;
}

/** How a runtime loads a program. */
export interface LoadOptions extends SessionOptions {
  /** Work of the largest operation, in operations of a float32 product, if known. */
  readonly work?: number;
  /**
   * The program's model for a processor whose convolutions work on blocks of so many channels; undefined if the model
   * that any runtime can run is as fast.
   */
  readonly inBlocks?: (channels: number) => Uint8Array<ArrayBuffer> | undefined;
}

/** One loaded model. */
export interface Session {
  /** Runs the model on its inputs, in the model's order; results in the order of its outputs. */
  run(inputs: readonly ArrayValue[]): Promise<readonly ArrayValue[]>;
  release(): Promise<void>;
}

/**
 * A runtime for models: ONNX Runtime's native library in Node, its WebAssembly build in browsers and in Node without
 * the native library, a worker, or WebGPU.
 */
export interface Runtime {
  readonly name: string;
  /** Element types for which it has no kernels. */
  readonly lacks?: readonly DType[];
  load(model: Uint8Array<ArrayBuffer>, options: LoadOptions): Promise<Session>;
}
