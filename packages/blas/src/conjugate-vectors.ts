import { DisposedError } from "./errors.ts";
import { checkVector } from "./matrix.ts";
import { Frame } from "./memory.ts";
import { checkNumber } from "./options.ts";

/** The matrix  A^T diag(weights) A + shift I  of conjugate gradients, preconditioned by a diagonal where it is given. */
export interface WeightedSystem {
  /** One number a row. */
  readonly weights: Float64Array;
  /** 0 by default. */
  readonly shift?: number;
  /** The preconditioner's diagonal, positive numbers, one a column. */
  readonly preconditioner?: Float64Array;
}

/** What conjugate gradients start from: one number a column each. */
export interface ConjugateStart {
  readonly x: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
}

/** The compiled passes over the vectors. */
export interface VectorPasses {
  readonly turnDirection: (n: number, beta: number, c: number, r: number, d: number) => number;
  readonly shiftProduct: (n: number, shift: number, d: number, q: number) => number;
  readonly stepAlong: (
    ...arguments_: [
      n: number,
      alpha: number,
      d: number,
      x: number,
      q: number,
      r: number,
      c: number,
      sums: number,
    ]
  ) => void;
}

/** Frees the memory of vectors that have become unreachable. */
const forgotten = new FinalizationRegistry<Frame>((frame) => frame.release());

/**
 * x, r, d and q of conjugate gradients for a weighted system, in WebAssembly memory. Made by `weightedVectors` of a design;
 * `release`, or garbage collection, gives the memory back.
 */
export class ConjugateVectors {
  readonly #frame: Frame;
  readonly #passes: VectorPasses;
  readonly #columns: number;
  readonly #shift: number;
  readonly #multiply: (weights: number, d: number, q: number) => void;
  readonly #weights: number;
  /** 0 without a preconditioner. */
  readonly #c: number;
  readonly #x: number;
  readonly #r: number;
  readonly #d: number;
  readonly #q: number;
  readonly #sums: number;
  #released = false;

  /**
   * @param weightsIn writes the weights into memory of the frame; their address
   * @param multiply writes  A^T diag(weights) A d  to q
   */
  constructor(
    columns: number,
    { shift = 0, preconditioner }: Omit<WeightedSystem, "weights">,
    weightsIn: (frame: Frame) => number,
    passes: VectorPasses,
    multiply: (weights: number, d: number, q: number) => void,
  ) {
    checkNumber("shift", shift);
    if (preconditioner) checkVector("preconditioner", preconditioner, columns);
    this.#columns = columns;
    this.#shift = shift;
    this.#passes = passes;
    this.#multiply = multiply;
    const frame = new Frame(`conjugate gradients in ${columns} numbers`);
    this.#frame = frame;
    forgotten.register(this, frame);
    this.#weights = weightsIn(frame);
    // an even length, so that vectors are whole
    const vector = () => {
      const address = frame.numbers(columns + 1);
      frame.heap.numbers.fill(0, address / 8, address / 8 + columns + 1);
      return address;
    };
    this.#c = preconditioner ? vector() : 0;
    if (preconditioner) frame.heap.numbers.set(preconditioner, this.#c / 8);
    [this.#x, this.#r, this.#d, this.#q] = [vector(), vector(), vector(), vector()];
    this.#sums = frame.numbers(2);
  }

  /** The memory is somebody else's after `release`. */
  #assertUsable(): void {
    if (this.#released)
      throw new DisposedError(`vectors of ${this.#columns} numbers were used after they were released`);
  }

  /** Copies x, r and d in. */
  load({ x, residual, direction }: ConjugateStart): void {
    this.#assertUsable();
    for (const [name, vector, address] of [
      ["x", x, this.#x],
      ["residual", residual, this.#r],
      ["direction", direction, this.#d],
    ] as const) {
      checkVector(name, vector, this.#columns);
      this.#frame.heap.numbers.set(vector, address / 8);
    }
  }

  /** Copies out what there is an array for. */
  read({ x, residual, direction }: Partial<ConjugateStart>): void {
    this.#assertUsable();
    const { numbers } = this.#frame.heap;
    for (const [name, vector, address] of [
      ["x", x, this.#x],
      ["residual", residual, this.#r],
      ["direction", direction, this.#d],
    ] as const) {
      if (vector === undefined) continue;
      checkVector(name, vector, this.#columns);
      vector.set(numbers.subarray(address / 8, address / 8 + this.#columns));
    }
  }

  /** d = M^-1 r + beta d, q = A d. */
  turn(beta: number): { readonly squaredLength: number; readonly product: number } {
    this.#assertUsable();
    checkNumber("beta", beta);
    const squaredLength = this.#passes.turnDirection(this.#columns, beta, this.#c, this.#r, this.#d);
    return { squaredLength, product: this.product() };
  }

  /** q = A d; returns d^T q. */
  product(): number {
    this.#assertUsable();
    this.#multiply(this.#weights, this.#d, this.#q);
    return this.#passes.shiftProduct(this.#columns, this.#shift, this.#d, this.#q);
  }

  /** x = x + alpha d, r = r - alpha q; returns r^T r. */
  step(alpha: number): number {
    this.#assertUsable();
    checkNumber("alpha", alpha);
    const vectors = [this.#d, this.#x, this.#q, this.#r, this.#c, this.#sums] as const;
    this.#passes.stepAlong(this.#columns, alpha, ...vectors);
    return this.#frame.heap.numbers[this.#sums / 8];
  }

  /** r^T M^-1 r after the last step. */
  get preconditioned(): number {
    this.#assertUsable();
    return this.#frame.heap.numbers[this.#sums / 8 + 1];
  }

  /** Gives the memory back; other calls throw a DisposedError then. */
  release(): void {
    this.#released = true;
    this.#frame.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
