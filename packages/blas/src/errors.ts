/** How a message names what stands in an array's place: by its class. */
export const kindOf = (value: object | null | undefined): string => value?.constructor?.name ?? typeof value;

/** An argument does not have the form that the function takes. */
export class BlasArgumentError extends Error {
  override name = "BlasArgumentError";
}

/** WebAssembly memory, at most 4 GB, could not grow. */
export class OutOfMemoryError extends Error {
  override name = "OutOfMemoryError";
  /** How many bytes were asked for. */
  readonly bytes: number;
  constructor(bytes: number, purpose: string) {
    super(`out of WebAssembly memory: ${(bytes / 1e6).toFixed(1)} MB for ${purpose}`);
    this.bytes = bytes;
  }
}

/** A matrix in WebAssembly memory was used after it had been disposed of. */
export class DisposedError extends Error {
  override name = "DisposedError";
}

/** The engine has no 128-bit SIMD, and the scalar builds are not in use. */
export class SimdUnavailableError extends Error {
  override name = "SimdUnavailableError";
}

/** An iteration did not converge, which no finite matrix is known to bring about. */
export class ConvergenceError extends Error {
  override name = "ConvergenceError";
}
