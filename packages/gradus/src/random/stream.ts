import { ArgumentError, DataError } from "../check/errors.ts";
import { checkNonNegativeInteger } from "../check/numbers.ts";
import { sampleCategorical } from "./categorical.ts";
import {
  sampleDirichlet,
  sampleExponential,
  sampleGamma,
  sampleUnitSphere,
  type VariateSource,
} from "./distributions.ts";
import { portableLog } from "./elementary.ts";
import { murmur3 } from "./murmur3.ts";
import { fillNormalPairs, uint53 } from "./normal-block.ts";
import { type OrthogonalMatrix, sampleOrthogonal } from "./orthogonal.ts";
import { splitMix64 } from "./splitmix64.ts";
import { sampleTruncatedNormal } from "./truncated-normal.ts";
import { xoshiro128StarStar } from "./xoshiro128.ts";
import { fillZiggurat } from "./ziggurat.ts";

/** The state of a stream, as plain data: `randomStreamFrom` continues from it bit for bit. */
export interface RandomState {
  /** The stream's identity, four 32-bit words; children derive from it and it never changes. */
  readonly key: readonly number[];
  /** The generator's four words. */
  readonly words: readonly number[];
  /** The second normal number of the last pair, if it has not been returned yet. */
  readonly spareNormal: number | null;
}

/** Anything with a length and indexed entries. */
interface Indexed<T> {
  readonly length: number;
  [index: number]: T;
}

const WORD = 2 ** 32;
const encoder = new TextEncoder();

let ownWords: (stream: RandomStream) => Int32Array;

/** The UTF-8 bytes of a label; ASCII without an encoder, since calling one takes longer than a few characters. */
function bytesOf(label: string): Uint8Array {
  const bytes = new Uint8Array(label.length);
  for (let i = 0; i < label.length; i++) {
    const code = label.charCodeAt(i);
    if (code > 127) return encoder.encode(label);
    bytes[i] = code;
  }
  return bytes;
}

function nonZero(words: Int32Array): Int32Array {
  if (words.every((word) => word === 0)) words[0] = 0x9e3779b9; // the one state xoshiro cannot leave
  return words;
}

/**
 * A seeded stream of random numbers (xoshiro128**), the same bits in every JavaScript engine: integers are 32-bit
 * integer arithmetic, and the continuous distributions use only +, -, *, / and square roots, never Math.log or
 * Math.exp, whose last bit is left to the engine.
 *
 * Made by `randomStream`, `split` or `randomStreamFrom`.
 */
class RandomStream implements VariateSource {
  readonly #key: Int32Array;
  readonly #words: Int32Array;
  #spareNormal: number | null;

  static {
    ownWords = (stream) => stream.#words;
  }

  constructor(key: Int32Array, words: Int32Array, spareNormal: number | null) {
    this.#key = key;
    this.#words = words;
    this.#spareNormal = spareNormal;
  }

  /** A copy of the stream's state. */
  get state(): RandomState {
    return {
      key: Array.from(this.#key, (word) => word >>> 0),
      words: Array.from(this.#words, (word) => word >>> 0),
      spareNormal: this.#spareNormal,
    };
  }

  /**
   * An independent child stream. It depends only on this stream's identity and the label, not on how much was drawn,
   * and does not advance this stream, so a new consumer with its own label does not change anyone else's numbers. The
   * same label gives the same child; the number 1 and the string "1" are different labels.
   */
  split(label: string | number): RandomStream {
    const key = nonZero(murmur3(bytesOf(`${typeof label}:${label}`), this.#key));
    return new RandomStream(key, new Int32Array(key), null);
  }

  /** An integer uniform on [0, 2^32). */
  uint32(): number {
    return xoshiro128StarStar(this.#words);
  }

  /**
   * A number uniform on [low, high), 53 random bits.
   *
   * @throws ArgumentError unless low < high and their difference is finite
   */
  uniform(low = 0, high = 1): number {
    const width = high - low;
    if (!(width > 0 && width < Number.POSITIVE_INFINITY))
      throw new ArgumentError(`uniform(low, high) needs finite low < high, got ${low} and ${high}`);
    for (;;) {
      const x = low + width * (uint53(this.#words) / 2 ** 53);
      if (x < high) return x; // rounding can reach `high` when the interval spans few floating-point numbers
    }
  }

  /** A standard normal number, by the polar method (Marsaglia & Bray 1964). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const x = uint53(this.#words) / 2 ** 52 - 1;
      const y = uint53(this.#words) / 2 ** 52 - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * portableLog(square)) / square);
      this.#spareNormal = y * factor;
      return x * factor;
    }
  }

  /**
   * An integer uniform on [0, n), without bias (numbers in the incomplete last block are drawn again).
   *
   * @throws ArgumentError unless n is an integer in 1 .. 2^53
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 53)
      throw new ArgumentError(`integer(n) needs an integer n in 1 .. 2^53, got ${n}`);
    const small = n <= WORD;
    const range = small ? WORD : 2 ** 53;
    const end = range - (range % n);
    for (;;) {
      const draw = small ? xoshiro128StarStar(this.#words) : uint53(this.#words);
      if (draw < end) return draw % n;
    }
  }

  /** Shuffles the items uniformly in place (Fisher-Yates) and returns them. */
  shuffle<T, A extends Indexed<T>>(items: A & Indexed<T>): A {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }

  /**
   * The numbers 0 .. n-1 in a uniformly random order.
   *
   * @throws ArgumentError unless n is an integer in 0 .. 2^31 - 1
   */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31)
      throw new ArgumentError(`permutation(n) needs an integer n in 0 .. 2^31 - 1, got ${n}`);
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    return this.shuffle(order);
  }

  /**
   * One of the items, uniformly at random.
   *
   * @throws ArgumentError when there are none
   */
  choice<T>(items: Indexed<T>): T {
    if (items.length === 0) throw new ArgumentError("choice(items) needs at least one item, got none");
    return items[this.integer(items.length)];
  }

  /**
   * Fills the array with numbers uniform on [0, 1) and returns it. A Float32Array gets 24 random bits per number,
   * because 53 bits rounded to float32 can give 1.
   */
  fillUniform<A extends Float64Array | Float32Array>(array: A): A {
    if (array instanceof Float32Array) {
      for (let i = 0; i < array.length; i++) array[i] = (xoshiro128StarStar(this.#words) >>> 8) / 2 ** 24;
    } else {
      for (let i = 0; i < array.length; i++) array[i] = uint53(this.#words) / 2 ** 53;
    }
    return array;
  }

  /** Fills the array with standard normal numbers and returns it. */
  fillNormal<A extends Float64Array | Float32Array>(array: A): A {
    if (array.length === 0) return array;
    const waiting = this.#spareNormal !== null;
    if (waiting) array[0] = this.normal();
    this.#spareNormal = fillNormalPairs(this.#words, array, waiting ? 1 : 0);
    return array;
  }

  /**
   * Fills the array with standard normal numbers by the ziggurat method (Marsaglia & Tsang 2000) and returns it: four
   * times as fast as `fillNormal`, with different numbers.
   */
  fillNormalZiggurat<A extends Float64Array | Float32Array>(array: A): A {
    fillZiggurat(this.#words, array);
    return array;
  }

  /**
   * A standard normal number given that it lies in [low, high] (Robert 1995).
   *
   * @throws ArgumentError unless low < high; either may be infinite
   */
  truncatedNormal(low: number, high: number): number {
    return sampleTruncatedNormal(this, low, high);
  }

  /** An exponential number with mean 1. */
  exponential(): number {
    return sampleExponential(this);
  }

  /**
   * A gamma number of the given shape, scale 1 (Marsaglia & Tsang 2000).
   *
   * @throws ArgumentError unless shape is finite and > 0
   */
  gamma(shape: number): number {
    return sampleGamma(this, shape);
  }

  /**
   * Shares that sum to 1, Dirichlet distributed with the given concentrations.
   *
   * @throws ArgumentError when there are none or one is not finite and > 0
   */
  dirichlet(concentration: ArrayLike<number>): Float64Array<ArrayBuffer> {
    return sampleDirichlet(this, concentration);
  }

  /**
   * An index i with probability weights_i / sum_j weights_j; `categoricalSampler` is faster for many draws.
   *
   * @throws ArgumentError when a weight is not finite and >= 0, or all are 0
   */
  categorical(weights: ArrayLike<number>): number {
    return sampleCategorical(this, weights);
  }

  /**
   * A rows x columns matrix with orthonormal columns (rows, when columns > rows), uniform over all such matrices.
   *
   * @throws ArgumentError unless both sizes and their product are integers in 1 .. 2^31 - 1
   */
  orthogonal(rows: number, columns = rows): OrthogonalMatrix {
    return sampleOrthogonal(this, rows, columns);
  }

  /**
   * A point uniform on the unit sphere of R^dimension.
   *
   * @throws ArgumentError unless dimension is an integer in 1 .. 2^31 - 1
   */
  unitSphere(dimension: number): Float64Array<ArrayBuffer> {
    return sampleUnitSphere(this, dimension);
  }
}

export type { RandomStream };

/** The generator's four words themselves, for compiled functions that draw from a stream and advance it. */
export function generatorOf(stream: RandomStream): Int32Array {
  return ownWords(stream);
}

/**
 * The stream of a seed. SplitMix64 expands the seed to the 128 bits of state, as the generator's authors recommend, so
 * neighboring seeds give unrelated streams.
 *
 * @throws ArgumentError unless seed is an integer in 0 .. 2^53 - 1
 */
export function randomStream(seed: number): RandomStream {
  checkNonNegativeInteger({ seed });
  const next = splitMix64(BigInt(seed));
  const bits = [next(), next()];
  const key = nonZero(
    Int32Array.from(bits.flatMap((b) => [Number(BigInt.asIntN(32, b)), Number(BigInt.asIntN(32, b >> 32n))])),
  );
  return new RandomStream(key, new Int32Array(key), null);
}

function wordsOf(name: string, values: readonly number[]): Int32Array {
  if (!Array.isArray(values) || values.length !== 4)
    throw new DataError(`random state: ${name} must be four 32-bit words, got ${JSON.stringify(values)}`);
  for (const value of values)
    if (!Number.isInteger(value) || value < 0 || value >= WORD)
      throw new DataError(`random state: ${name} must be integers in 0 .. 2^32 - 1, got ${value}`);
  if (values.every((value) => value === 0)) throw new DataError(`random state: ${name} must not be all zero`);
  return Int32Array.of(values[0], values[1], values[2], values[3]); // `from` would go through an iterator
}

/**
 * The stream that continues from `state`, bit for bit.
 *
 * @throws DataError when the state is not valid
 */
export function randomStreamFrom(state: RandomState): RandomStream {
  const { spareNormal } = state;
  if (spareNormal !== null && !Number.isFinite(spareNormal))
    throw new DataError(`random state: spareNormal must be null or a finite number, got ${spareNormal}`);
  return new RandomStream(wordsOf("key", state.key), wordsOf("words", state.words), spareNormal);
}
