/** Bytes in units that people read. */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString("en-US", { maximumFractionDigits: 1 })} MB`;
}

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
    super(`out of WebAssembly memory: ${megabytes(bytes)} for ${purpose}`);
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
