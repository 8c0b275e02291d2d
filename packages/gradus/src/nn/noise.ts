import {
  type ArrayValue,
  add,
  array,
  cast,
  concat,
  constant,
  cos,
  cumSum,
  type Dimension,
  type FloatType,
  full,
  log,
  mul,
  reshape,
  type Shape,
  scalar,
  sin,
  slice,
  sqrt,
  square,
  sub,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import { randomStream } from "../random/stream.ts";

// Words of 26 bits, stored in float64 as multiples of UNIT from -RANGE / 2 to RANGE / 2. Their sums and products have
// at most 53 bits, so every operation here is exact and every platform computes the same bits.
const UNIT = 2 ** -13;
const RANGE = 2 ** 13;
const WORDS = RANGE / UNIT;
/** Indices, and the high word of a counter, are words too. */
const MOST_ENTRIES = 2 ** 25;
/** Adding and subtracting one of these rounds to a multiple of its last place. */
const TO_RANGE = 1.5 * 2 ** 52 * RANGE;
const TO_UNIT = 1.5 * 2 ** 52 * UNIT;
const ROUNDS = 4;

function rounded(x: Tensor, to: number): Tensor {
  return sub(add(x, to), to);
}

function wrapped(x: Tensor): Tensor {
  return sub(x, rounded(x, TO_RANGE));
}

function word(x: Tensor): Tensor {
  return rounded(wrapped(x), TO_UNIT);
}

/** The middle of a square (as in von Neumann 1949 and Widynski 2022), added to y: a Feistel round. */
function squareRound(x: Tensor, y: Tensor): Tensor {
  return word(add(square(x), y));
}

/** Constant random words determined by the seed. */
type Words = (count: number) => Tensor;

function wordsOf(seed: number): Words {
  const stream = randomStream(seed).split("noise");
  return (count) =>
    constant(Float64Array.from({ length: count }, () => (stream.integer(WORDS) - WORDS / 2) * UNIT));
}

/** A word for each pair of entries of x and y, by a Feistel network with the seed's keys. */
function hashed(x: Tensor, y: Tensor, words: Words, count: number): Tensor {
  let [left, right] = [x, y];
  for (let i = 0; i < ROUNDS; i++) [left, right] = [squareRound(add(left, words(count)), right), left];
  return left;
}

/** A word for each index along an axis; for an axis of known size ONNX Runtime computes them once, at load time. */
function axisWords(size: Dimension, words: Words): Tensor {
  const index = sub(cumSum(full([size], UNIT, "f64"), { axis: 0 }), UNIT);
  return hashed(index, words(1), words, 1);
}

function counterWords(counter: Tensor, words: Words, count: number): Tensor {
  const scaled = mul(cast(counter, "f64"), UNIT);
  const low = wrapped(scaled);
  return hashed(low, mul(sub(scaled, low), 1 / WORDS), words, count);
}

export interface NoiseOptions {
  /** Identifies the place in a program: two places with the same seed draw the same numbers. */
  readonly seed: number;
  /** Identifies the draw, an i64 scalar in 0 .. 2^50 - 1 (such as `noiseCounter` plus the step number). */
  readonly counter: Tensor | number;
  readonly dtype?: FloatType;
}

function checkNoise(of: string, options: NoiseOptions): void {
  checkOptions(of, options, ["seed", "counter", "dtype"]);
  checkOneOf(["f32", "f64"], { dtype: options.dtype ?? "f32" });
}

/** Float64 numbers in (0, 1) for a shape; their first 24 bits are random. */
function uniform64(shape: Shape, { seed, counter }: NoiseOptions): Tensor {
  const rest = shape.slice(1);
  const columns = rest.reduce<number>((product, size) => product * Number(size), 1);
  if (
    !rest.every((size) => typeof size === "number") ||
    columns > MOST_ENTRIES ||
    Number(shape[0]) > MOST_ENTRIES
  )
    throw new ArgumentError(
      `noise: dimensions after the first must be known at trace time and have at most 2^25 entries, got [${shape.join(", ")}]`,
    );
  const words = wordsOf(seed);
  const keys = counterWords(typeof counter === "number" ? scalar(counter, "i64") : counter, words, 3);
  const [first, second, third] = [0, 1, 2].map((i) => slice(keys, { start: i, end: i + 1 }));
  const rows = shape.length === 0 ? 1 : shape[0];
  const row = axisWords(rows, words);
  const column = reshape(add(axisWords(columns, words), first), [1, columns]);
  const start = word(mul(reshape(add(row, second), [rows, 1]), column));
  const middle = squareRound(start, reshape(add(row, third), [rows, 1]));
  // A product of both, since squares of uniform numbers are small too often.
  const last = wrapped(add(mul(start, middle), column));
  // Half a float32 step away from both ends, so that rounding to float32 reaches neither.
  return reshape(add(mul(last, (1 - 2 ** -23) / RANGE), 0.5), shape);
}

/**
 * Counter-based noise uniform on (0, 1) inside a graph: the same (seed, counter) gives the same numbers, bit for bit,
 * on every platform and inside any loop; other counters or seeds give independent ones. The entry at row i and column j
 * (all dimensions after the first flattened) is
 *
 *     a = mid(r_i c_j),  b = mid(a^2 + r'_i),  u = frac(a b + c_j),
 *
 * where r, r' and c are 26-bit hashes of the row or column, each plus a hash of the counter, and mid is the middle 26
 * of 52 bits, in exact float64 arithmetic. It has no derivative. 24 bits are random, also in float64.
 * Source: after Widynski 2022, "Squares: a fast counter-based RNG", arXiv 2004.06278.
 *
 * @param shape the first dimension may be a named one
 * @throws ArgumentError when another dimension is named, or an axis has more than 2^25 entries, or for an unknown
 *   option or dtype
 */
export function uniformNoise(shape: Shape, options: NoiseOptions): Tensor {
  checkNoise("uniformNoise", options);
  return cast(uniform64(shape, options), options.dtype ?? "f32");
}

/**
 * Counter-based standard normal noise inside a graph, like `uniformNoise`: from two uniform numbers u and v, the pair
 * sqrt(-2 log u) (cos 2 pi v, sin 2 pi v). It is computed in float64, where the logarithm and cosine may differ between
 * platforms in the last bit; rounding to float32 hides this for all but about one number in 10^8. All numbers are
 * within [-5.8, 5.8].
 * Source: Box & Muller 1958.
 *
 * @throws ArgumentError as `uniformNoise`
 */
export function normalNoise(shape: Shape, options: NoiseOptions): Tensor {
  checkNoise("normalNoise", options);
  const [rows, ...rest] = shape.length === 0 ? [1] : shape;
  const columns = rest.reduce<number>((product, size) => product * Number(size), 1);
  const half = Math.ceil(columns / 2);
  const both = uniform64([rows, 2 * half], options);
  const [u, v] = [0, half].map((start) => slice(both, { axis: 1, start, end: start + half }));
  const radius = sqrt(mul(log(u), -2));
  const angle = mul(v, 2 * Math.PI);
  const pairs = cast(
    concat([mul(radius, cos(angle)), mul(radius, sin(angle))], { axis: 1 }),
    options.dtype ?? "f32",
  );
  return reshape(slice(pairs, { axis: 1, start: 0, end: columns }), shape);
}

/** The initial counter of a run, drawn from the stream, so that runs with different streams draw different noise. */
export function noiseCounter(stream: ReturnType<typeof randomStream>): ArrayValue {
  return array(BigInt64Array.of(BigInt(stream.integer(2 ** 49))), []);
}
