import { BlasArgumentError, DisposedError } from "../errors.ts";
import { checkVector, copyVectorOut } from "../matrix.ts";
import { Frame, withFrame } from "../memory.ts";
import { level2 } from "./vector-family.ts";

/** Vectors that are taken out of another at once: they are read twice, the second time from cache. */
const GROUP = 4;
/** Bytes of vectors for which there is room at once, and the fewest of them; a multiple of `GROUP`. */
const BLOCK = { bytes: 2 ** 20, least: GROUP, most: 64 };

function checkCount(name: string, value: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  const bound = most === Number.MAX_SAFE_INTEGER ? "" : ` of at most ${most}`;
  throw new BlasArgumentError(`${name} must be a non-negative integer${bound}, got ${value}`);
}

/** Frees the memory of bases that have become unreachable. */
const forgotten = new FinalizationRegistry<Frame>((frame) => frame.release());

/**
 * Orthonormal vectors q_1, q_2, .. of one length in WebAssembly memory, to which others are added: the basis that a Krylov
 * method makes its next vector orthogonal to. Made by `residentBasis`; `using`, `dispose()` or, at some time, garbage
 * collection gives its memory back.
 */
export class ResidentBasis {
  /** Numbers of each vector. */
  readonly length: number;
  readonly #frame: Frame;
  readonly #blocks: number[] = [];
  readonly #stride: number;
  readonly #perBlock: number;
  #count = 0;
  #disposed = false;

  /** @throws BlasArgumentError unless the length is a non-negative integer */
  constructor(length: number) {
    checkCount("length", length);
    this.length = length;
    // an even length, so that vectors of two lanes are whole
    this.#stride = 8 * (length + (length % 2));
    const fitting = GROUP * Math.floor(BLOCK.bytes / (GROUP * Math.max(1, this.#stride)));
    this.#perBlock = Math.min(BLOCK.most, Math.max(BLOCK.least, fitting));
    this.#frame = new Frame(`a basis of vectors of ${length} numbers`);
    forgotten.register(this, this.#frame, this);
  }

  /** How many vectors there are. */
  get count(): number {
    return this.#count;
  }

  #assertUsable(): void {
    if (this.#disposed)
      throw new DisposedError(
        `a resident basis of vectors of ${this.length} numbers was used after it was disposed of`,
      );
  }

  /** The address of a vector for which there is room. */
  #addressOf(j: number): number {
    return this.#blocks[Math.floor(j / this.#perBlock)] + this.#stride * (j % this.#perBlock);
  }

  /**
   * Adds a copy of a vector, which is to be of length 1 and orthogonal to the others.
   *
   * @throws BlasArgumentError when it has another length; OutOfMemoryError, which leaves the basis as it was; DisposedError
   */
  append(q: Float64Array): void {
    this.#assertUsable();
    checkVector("q", q, this.length);
    if (this.#count === this.#perBlock * this.#blocks.length)
      this.#blocks.push(this.#frame.bytes(this.#stride * this.#perBlock));
    this.#frame.heap.numbers.set(q, this.#addressOf(this.#count) / 8);
    this.#count += 1;
  }

  /**
   * Leaves the first vectors alone; the memory of the others stays for those to come.
   *
   * @throws BlasArgumentError unless there are so many; DisposedError
   */
  truncate(count: number): void {
    this.#assertUsable();
    checkCount("count", count, this.#count);
    this.#count = count;
  }

  /**
   * v = v - Q (Q^T v), four vectors at a time: classical Gram-Schmidt within the fours, modified between them.
   *
   * @param coefficients where given, Q^T v is added to it, one number a vector
   * @throws BlasArgumentError when a length does not fit; OutOfMemoryError; DisposedError
   */
  projectOut(v: Float64Array, coefficients?: Float64Array): void {
    this.#assertUsable();
    checkVector("v", v, this.length);
    if (coefficients) checkVector("coefficients", coefficients, this.#count);
    const stride = this.#stride;
    withFrame(`a vector of ${this.length} numbers made orthogonal`, (frame) => {
      const at = frame.copy(v);
      const products = frame.numbers(GROUP);
      const { gemv } = level2();
      for (let j = 0; j < this.#count; j += GROUP) {
        const size = Math.min(GROUP, this.#count - j);
        const first = this.#addressOf(j);
        gemv(size, v.length, 1, first, stride, 0, at, 0, products);
        gemv(size, v.length, -1, first, stride, 1, products, 1, at);
        if (!coefficients) continue;
        const { numbers } = frame.heap;
        for (let k = 0; k < size; k++) coefficients[j + k] += numbers[products / 8 + k];
      }
      copyVectorOut(frame, at, v);
    });
  }

  /** Gives the memory back. */
  dispose(): void {
    forgotten.unregister(this);
    this.#frame.release();
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * An empty basis of vectors of `length` numbers.
 *
 * @throws BlasArgumentError unless the length is a non-negative integer
 */
export function residentBasis(length: number): ResidentBasis {
  return new ResidentBasis(length);
}
