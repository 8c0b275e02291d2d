import type { ArrayOf, DType } from "../dtype.ts";

/** A dense array: row-major data, its shape and element type. */
export interface ArrayValue<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: ArrayOf[D];
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

/** What decides on a machine how the operations of a program are computed fastest. */
export interface Machine {
  /** Channels in a block of the processor's convolutions; 1 where they do not work on blocks. */
  readonly channels: number;
  /** Threads within one operation. */
  readonly threads: number;
}

/** A model that takes inputs of certain sizes only. */
export interface SizedModel {
  readonly model: Uint8Array<ArrayBuffer>;
  /** Whether inputs are of its sizes. */
  fits(inputs: readonly ArrayValue[]): boolean;
}

/** Makes the model of a program for one machine. */
export interface ForMachine {
  /** Whether the program has convolutions: for others, channels need not be known. */
  readonly convolves: boolean;
  /** The model, or undefined if the one that any runtime can run is as fast. */
  model(machine: Machine): Uint8Array<ArrayBuffer> | undefined;
  /** The model for the sizes that inputs are expected to have, if there is one that is faster than that for any. */
  sizedModel(machine: Machine): SizedModel | undefined;
}

/** How a runtime loads a program. */
export interface LoadOptions extends SessionOptions {
  /** Work of the largest operation, in operations of a float32 product, if known. */
  readonly work?: number;
  /** How to make the program's model for one machine, where it can be faster than the one that any runtime can run. */
  readonly forMachine?: ForMachine;
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
