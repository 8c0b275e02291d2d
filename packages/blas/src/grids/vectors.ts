import { DisposedError } from "../errors.ts";
import { checkVector } from "../matrix.ts";
import { Frame } from "../memory.ts";
import { checkNumber } from "../options.ts";
import { grids as family } from "./family.ts";
import type { GridLayout } from "./layout.ts";

/** Frees the memory of vectors that have become unreachable. */
const forgotten = new FinalizationRegistry<Frame>((frame) => frame.release());

/** What conjugate gradients start from: one number a cell each. */
export interface GridStart {
  readonly x: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
}

/** Products of a direction d. */
export interface GridTurn {
  /** d^T d. */
  readonly squaredLength: number;
  /** d^T A d. */
  readonly product: number;
}

/**
 * x, r, d and q = A d of conjugate gradients, in WebAssembly memory: an iteration is two passes over them. Made by
 * `GridLaplacian.vectors`; garbage collection gives the memory back, and `release` does at once.
 */
export class GridVectors {
  readonly #frame: Frame;
  readonly #layout: GridLayout;
  #released = false;
  readonly #addresses: {
    readonly diagonal: number;
    readonly x: number;
    readonly r: number;
    readonly d: number;
    readonly q: number;
    readonly sums: number;
  };

  constructor(layout: GridLayout, diagonal: Float64Array) {
    this.#layout = layout;
    this.#frame = new Frame(`conjugate gradients on ${layout.cells} cells`);
    // first: what is there when memory runs out is given back, too
    forgotten.register(this, this.#frame, this);
    const vector = () => this.#frame.numbers(layout.length);
    this.#addresses = {
      diagonal: vector(),
      x: vector(),
      r: vector(),
      d: vector(),
      q: vector(),
      sums: this.#frame.numbers(2),
    };
    const { numbers } = this.#frame.heap;
    const { x, r, d, q } = this.#addresses;
    for (const address of [x, r, d, q]) numbers.fill(0, address / 8, address / 8 + layout.length);
    layout.writeDiagonal(diagonal, numbers, this.#addresses.diagonal);
  }

  /** The memory is somebody else's after `release`. */
  #assertUsable(): void {
    if (this.#released)
      throw new DisposedError(`vectors of ${this.#layout.cells} cells were used after they were released`);
  }

  #first(vector: "diagonal" | "x" | "r" | "d" | "q"): number {
    return this.#layout.firstOf(this.#addresses[vector]);
  }

  /** Copies x, r and d in. */
  load({ x, residual, direction }: GridStart): void {
    this.#assertUsable();
    const { numbers } = this.#frame.heap;
    for (const [name, vector, address] of [
      ["x", x, this.#addresses.x],
      ["residual", residual, this.#addresses.r],
      ["direction", direction, this.#addresses.d],
    ] as const) {
      checkVector(name, vector, this.#layout.cells);
      this.#layout.write(vector, numbers, address);
    }
  }

  /** Copies out what there is an array for. */
  read({ x, residual, direction }: Partial<GridStart>): void {
    this.#assertUsable();
    const { numbers } = this.#frame.heap;
    for (const [name, vector, address] of [
      ["x", x, this.#addresses.x],
      ["residual", residual, this.#addresses.r],
      ["direction", direction, this.#addresses.d],
    ] as const) {
      if (vector === undefined) continue;
      checkVector(name, vector, this.#layout.cells);
      this.#layout.read(numbers, address, vector);
    }
  }

  /** d = r + beta d, q = A d, in one pass. */
  turn(beta: number): GridTurn {
    this.#assertUsable();
    checkNumber("beta", beta);
    const { places, row, plane } = this.#layout;
    const { sums } = this.#addresses;
    const vectors = [this.#first("diagonal"), this.#first("r"), this.#first("d"), this.#first("q")] as const;
    family().gridTurn(places, beta, ...vectors, 8 * row, 8 * plane, sums);
    const { numbers } = this.#frame.heap;
    return { squaredLength: numbers[sums / 8], product: numbers[sums / 8 + 1] };
  }

  /** q = A d; returns d^T q, with the bits that `turn` gives. */
  product(): number {
    this.#assertUsable();
    const { places, row, plane } = this.#layout;
    const vectors = [this.#first("diagonal"), this.#first("d"), this.#first("q")] as const;
    return family().gridProduct(places, ...vectors, 8 * row, 8 * plane);
  }

  /** x = x + alpha d, r = r - alpha q, in one pass; returns r^T r. */
  step(alpha: number): number {
    this.#assertUsable();
    checkNumber("alpha", alpha);
    const vectors = [this.#first("d"), this.#first("x"), this.#first("q"), this.#first("r")] as const;
    return family().gridStep(this.#layout.places, alpha, ...vectors);
  }

  /** Gives the memory back; other calls throw a DisposedError then. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    forgotten.unregister(this);
    this.#frame.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
