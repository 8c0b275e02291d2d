import { BlasArgumentError, DisposedError, kindOf } from "../errors.ts";
import { checkVector, copyRange } from "../matrix.ts";
import { Frame, withFrame } from "../memory.ts";
import { checkNumber, checkOptions } from "../options.ts";
import { particles as family } from "./family.ts";

/** Streams whose numbers are drawn together, and from how many on that is faster than one after the other. */
const QUARTET = 4;
const TOGETHER = 3;
/** Words of a stream's state. */
const WORDS = 4;

/** How normal numbers are drawn from xoshiro128**, by the ziggurat method of Marsaglia & Tsang (2000) with 256 layers. */
export interface Ziggurat {
  /** For each layer the factor of its 53-bit draws, and the half-width of the layer above: 512 numbers. */
  readonly layers: Float64Array;
  /** Draws of a stream that are made before those outside the layer above are completed. */
  readonly block: number;
  /** Completes the draw x of this layer, with further draws where it must. */
  settle(words: Int32Array, layer: number, x: number): number;
  /** Fills an array with the numbers of a stream: the same as compiled draws with `settle`. */
  fill(words: Int32Array, into: Float64Array): void;
}

/** Arguments of `Swarm.move`. */
export interface SwarmMove {
  /** By the distance from the center, or coordinate by coordinate. */
  readonly noiseKind: "isotropic" | "anisotropic";
  /** All runs' particles, overwritten for those that move. */
  readonly particles: Float64Array;
  /** All runs' centers, runs x d. */
  readonly centers: Float64Array;
  /** Numbers of the runs that move. */
  readonly moving: readonly number[];
  /** The state of xoshiro128** of each run, four words, advanced for those that move. */
  readonly streams: readonly Int32Array[];
  readonly ziggurat: Ziggurat;
  /** Share of the distance from the center that is gone after a step without noise. */
  readonly pull: number;
  /** Factor of the noise. */
  readonly scatter: number;
  /** The largest distance that scales noise; it may be Infinity. */
  readonly most: number;
}

/** Frees the memory of swarms that have become unreachable. */
const forgotten = new FinalizationRegistry<Frame>((frame) => frame.release());

/**
 * Runs of as many particles each, with a copy in WebAssembly memory. All runs move in one call, which draws their noise.
 * `using`, `dispose()` or, at some time, garbage collection gives the memory back.
 */
export class Swarm {
  readonly runs: number;
  readonly count: number;
  readonly dimension: number;
  readonly #frame: Frame;
  readonly #address: number;
  readonly #center: number;
  #disposed = false;

  /**
   * @throws BlasArgumentError unless sizes are integers >= 1
   * @throws OutOfMemoryError
   */
  constructor(runs: number, count: number, dimension: number) {
    for (const [name, size] of Object.entries({ runs, count, dimension }))
      if (!Number.isInteger(size) || size < 1)
        throw new BlasArgumentError(`${name} must be an integer >= 1, got ${size}`);
    this.runs = runs;
    this.count = count;
    this.dimension = dimension;
    this.#frame = new Frame(`${runs} x ${count} particles`);
    // first: what is there when memory runs out is given back, too
    forgotten.register(this, this.#frame, this);
    this.#address = this.#frame.numbers(runs * count * dimension);
    this.#center = this.#frame.numbers(dimension);
  }

  /** The memory is somebody else's after `dispose`. */
  #assertUsable(): void {
    if (this.#disposed)
      throw new DisposedError(
        `a swarm of ${this.runs} x ${this.count} particles was used after it was disposed of`,
      );
  }

  /**
   * One step of `isotropicSteps` or `anisotropicSteps` of the runs that move, with normal noise from their streams.
   *
   * @throws BlasArgumentError when lengths do not fit, or for an unknown option or kind of noise; DisposedError
   */
  move(options: SwarmMove): void {
    this.#assertUsable();
    checkOptions(options, [
      ...["noiseKind", "particles", "centers", "moving", "streams", "ziggurat", "pull", "scatter", "most"],
    ]);
    const { particles, centers, moving, streams, ziggurat, noiseKind, pull, scatter, most } = options;
    const { runs, count, dimension: d } = this;
    for (const [name, factor] of Object.entries({ pull, scatter, most })) checkNumber(name, factor);
    if (noiseKind !== "isotropic" && noiseKind !== "anisotropic")
      throw new BlasArgumentError(`noiseKind must be isotropic or anisotropic, got ${noiseKind}`);
    const size = count * d;
    checkVector("particles", particles, runs * size);
    checkVector("centers", centers, runs * d);
    checkVector("ziggurat.layers", ziggurat.layers, 512);
    for (const run of moving) {
      if (!(Number.isInteger(run) && run >= 0 && run < runs))
        throw new BlasArgumentError(`moving must be numbers of ${runs} runs, got ${run}`);
      const words = streams[run];
      if (!(words instanceof Int32Array) || words.length !== WORDS)
        throw new BlasArgumentError(`streams[${run}] must be an Int32Array of 4 words, got ${kindOf(words)}`);
    }
    const together = moving.length === runs;
    const { isotropicSteps, anisotropicSteps } = family();
    const step = noiseKind === "isotropic" ? isotropicSteps : anisotropicSteps;
    withFrame("a step of particles", (frame) => {
      const noise = frame.numbers(QUARTET * size);
      const draw = drawing(frame, ziggurat, size);
      const { numbers } = frame.heap;
      if (together) numbers.set(particles, this.#address / 8);
      for (let first = 0; first < moving.length; first += QUARTET) {
        const quartet = moving.slice(first, first + QUARTET);
        draw(
          quartet.map((run) => streams[run]),
          noise,
        );
        for (let k = 0; k < quartet.length; k++) {
          const run = quartet[k];
          const at = this.#address / 8 + run * size;
          if (!together) copyRange(particles, run * size, size, numbers, at);
          copyRange(centers, run * d, d, numbers, this.#center / 8);
          step(count, d, pull, scatter, most, this.#center, noise + 8 * k * size, 8 * at);
          if (!together) copyRange(numbers, at, size, particles, run * size);
        }
      }
      if (together) copyRange(numbers, this.#address / 8, particles.length, particles, 0);
    });
  }

  /**
   * max_i ||X^i - c||_inf of a run's particles as the last step left them; differences that are not numbers are left out.
   *
   * @param centers all runs' centers, runs x d
   * @throws BlasArgumentError when the length does not fit, or there is no such run; DisposedError
   */
  spread(run: number, centers: Float64Array): number {
    this.#assertUsable();
    const { runs, count, dimension: d } = this;
    checkVector("centers", centers, runs * d);
    if (!(Number.isInteger(run) && run >= 0 && run < runs))
      throw new BlasArgumentError(`run must be an integer from 0 to ${runs - 1}, got ${run}`);
    copyRange(centers, run * d, d, this.#frame.heap.numbers, this.#center / 8);
    return family().largestGap(count, d, this.#center, this.#address + 8 * run * count * d);
  }

  /** Gives the memory back; other calls throw a DisposedError then. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    this.#frame.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A function that draws `size` normal numbers of each of up to four streams to an address. */
function drawing(
  frame: Frame,
  { layers, block, settle, fill }: Ziggurat,
  size: number,
): (streams: readonly Int32Array[], to: number) => void {
  const most = Math.min(block, size);
  const table = frame.copy(layers);
  const words = frame.bytes(4 * QUARTET * WORDS);
  const unsettled = frame.bytes(8 * QUARTET * (most + 1));
  return (streams, to) => {
    const { numbers, integers } = frame.heap;
    if (streams.length < TOGETHER) {
      for (const [k, stream] of streams.entries()) {
        const from = to / 8 + k * size;
        fill(stream, numbers.subarray(from, from + size));
      }
      return;
    }
    for (let start = 0; start < size; start += most) {
      // a stream that is missing has the state 0, whose draws are 0
      for (let k = 0; k < QUARTET * WORDS; k++) integers[words / 4 + k] = streams[k >> 2]?.[k & 3] ?? 0;
      const from = to + 8 * start;
      const length = Math.min(most, size - start);
      const open = family().drawQuartet(length, 8 * size, words, table, from, unsettled);
      for (let k = 0; k < WORDS * streams.length; k++) streams[k >> 2][k & 3] = integers[words / 4 + k];
      for (let k = 0, at = unsettled / 4; k < open; k++, at += 2) {
        const place = integers[at];
        const index = from / 8 + place;
        numbers[index] = settle(streams[Math.floor(place / size)], integers[at + 1], numbers[index]);
      }
    }
  };
}
