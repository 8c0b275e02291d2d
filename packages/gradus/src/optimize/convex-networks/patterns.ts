import { checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { checkObject, checkPerturbed } from "./check.ts";
import { productTransposedInto, rowRange, zeroMatrix } from "./products.ts";

/** Which rows of a design are active under each of P directions h: those with x_k^T h >= 0. */
export interface ActivationPatterns {
  /** n. */
  readonly rows: number;
  /** P. */
  readonly count: number;
  /** P x n: 1 where row k is active under pattern i, else 0. */
  readonly masks: Uint8Array;
  /** P x d: a direction of each pattern. */
  readonly directions: DenseMatrix;
  /** Whether these are all patterns that any direction has, but the one without an active row. */
  readonly complete: boolean;
}

/** @throws ArgumentError unless the patterns are those of `rows` rows */
export function checkPatterns(patterns: ActivationPatterns, rows: number): void {
  checkObject("patterns", patterns, "{ rows, count, masks, directions, complete }");
  if (patterns.rows !== rows)
    throw new ArgumentError(
      `patterns must be of ${rows} rows, as many as the design has, got ${shown(patterns.rows)}`,
    );
  checkPositiveInteger({ "patterns.count": patterns.count });
  const { masks } = patterns;
  checkLength("patterns.masks", masks, patterns.count * rows);
  for (let at = 0; at < masks.length; at++)
    if (masks[at] !== 0 && masks[at] !== 1)
      throw new ArgumentError(`patterns.masks must be 0 or 1, got ${shown(masks[at])} at index ${at}`);
}

/** Bytes as text, for a table. */
function keyOf(bytes: Uint8Array): string {
  let key = "";
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}

/** A growing list of distinct patterns. */
class PatternList {
  readonly #design: DenseMatrix;
  readonly #known = new Set<string>();
  readonly #masks: Uint8Array[] = [];
  readonly #directions: Float64Array[] = [];

  constructor(design: DenseMatrix) {
    this.#design = design;
  }

  get count(): number {
    return this.#masks.length;
  }

  /** Adds the pattern of the signs of `inputs`, unless it is known or has no active row. */
  add(inputs: Float64Array, direction: Float64Array): void {
    const mask = new Uint8Array(inputs.length);
    const bytes = new Uint8Array(Math.ceil(inputs.length / 8));
    for (let k = 0; k < inputs.length; k++) {
      if (!(inputs[k] >= 0)) continue;
      mask[k] = 1;
      bytes[k >> 3] |= 1 << (k & 7);
    }
    if (bytes.every((byte) => byte === 0)) return;
    const key = keyOf(bytes);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#masks.push(mask);
    this.#directions.push(direction.slice());
  }

  patterns(complete: boolean): ActivationPatterns {
    const { rows, columns } = this.#design;
    const count = this.#masks.length;
    const masks = new Uint8Array(count * rows);
    const directions = zeroMatrix(count, columns);
    this.#masks.forEach((mask, i) => {
      masks.set(mask, i * rows);
      directions.values.set(this.#directions[i], i * columns);
    });
    return { rows, count, masks, directions, complete };
  }
}

/** The inputs  X h  of every row for one direction. */
function inputsOf({ rows, columns, values }: DenseMatrix, h: Float64Array, out: Float64Array): Float64Array {
  for (let k = 0, at = 0; k < rows; k++) {
    let sum = 0;
    for (let j = 0; j < columns; j++, at++) sum += values[at] * h[j];
    out[k] = sum;
  }
  return out;
}

/**
 * The distinct patterns  [x_k^T h >= 0]  of given directions, in their order: of the hidden units of a trained network, say.
 *
 * @param design n x d, with a column of ones where units have biases
 * @param directions P x d, a row each
 * @throws ArgumentError, DataError when a matrix does not fit
 */
export function patternsOfDirections(design: DenseMatrix, directions: DenseMatrix): ActivationPatterns {
  checkFiniteDense("design", design);
  checkFiniteDense("directions", directions);
  if (directions.columns !== design.columns)
    throw new ArgumentError(`directions must have ${design.columns} columns, got ${directions.columns}`);
  const list = new PatternList(design);
  const inputs = zeroMatrix(directions.rows, design.rows);
  productTransposedInto(directions, { plain: design, resident: design }, inputs);
  for (let i = 0; i < directions.rows; i++)
    list.add(
      inputs.values.subarray(i * design.rows, (i + 1) * design.rows),
      directions.values.subarray(i * design.columns, (i + 1) * design.columns),
    );
  return list.patterns(false);
}

/** Perturbations |delta_j| <= epsilon of the columns named; all but a last one of ones, unless said otherwise. */
export interface Perturbation {
  /** >= 0. */
  readonly epsilon: number;
  /** d numbers, one a column: whether it is perturbed. */
  readonly perturbed: readonly boolean[];
}

export interface SamplePatternsOptions {
  /** P, the number of distinct patterns. */
  readonly count: number;
  readonly seed?: number;
  /** Half of the patterns are those of rows moved at random inside this box. */
  readonly perturbation?: Perturbation;
}

/** Draws per pattern after which no more are looked for. */
const DRAWS = 200;
/** So many patterns at least are counted where draws have found nothing new. */
const FEW = 100;

/**
 * The most patterns that n rows of d columns can have: the cells into which n hyperplanes through 0 cut R^d, that is
 * 2 sum_{k < d} C(n - 1, k)  (Cover 1965).
 */
export function mostPatterns(rows: number, columns: number): number {
  let term = 1;
  let sum = 0;
  for (let k = 0; k < Math.min(columns, rows); k++) {
    sum += term;
    term *= (rows - 1 - k) / (k + 1);
  }
  return 2 * sum;
}

/** @throws ArgumentError when more patterns are asked for than the rows can have */
export function checkPatternCount(name: string, count: number, { rows, columns }: DenseMatrix): void {
  const most = mostPatterns(rows, columns);
  if (count > most)
    throw new ArgumentError(
      `${name} must be at most the number of patterns that exist, got ${count}; ${rows} rows of ${columns} columns have at most ${most}`,
    );
}

/** Directions whose inputs are computed by one product. */
const DIRECTIONS = 64;

/** Normal directions and the inputs of the rows along each, without end; arrays are overwritten by the next ones. */
function* normalDirections(design: DenseMatrix, count: number, seed: number) {
  const { rows, columns } = design;
  const stream = randomStream(seed);
  const X = { plain: design, resident: design };
  const directions = zeroMatrix(Math.min(count, DIRECTIONS), columns);
  const inputs = zeroMatrix(directions.rows, rows);
  for (;;) {
    for (let i = 0; i < directions.rows; i++) stream.fillNormal(rowRange(directions, i, 1).values);
    productTransposedInto(directions, X, inputs);
    for (let i = 0; i < directions.rows; i++)
      yield { h: rowRange(directions, i, 1).values, inputs: rowRange(inputs, i, 1).values };
  }
}

/** `normalDirections`, every other time of rows moved inside the box of a perturbation. */
function* movedDirections(design: DenseMatrix, { epsilon, perturbed }: Perturbation, seed: number) {
  const { rows, columns, values } = design;
  const stream = randomStream(seed);
  const h = new Float64Array(columns);
  const inputs = new Float64Array(rows);
  const moved = zeroMatrix(rows, columns);
  for (;;) {
    yield { h, inputs: inputsOf(design, stream.fillNormal(h), inputs) };
    stream.fillNormal(h);
    for (let at = 0; at < values.length; at++)
      moved.values[at] = values[at] + (perturbed[at % columns] ? epsilon * (2 * stream.uniform() - 1) : 0);
    yield { h, inputs: inputsOf(moved, h, inputs) };
  }
}

/** Up to `count` distinct patterns of normal directions, and the pattern of all rows first where it is asked for. */
export function drawPatterns(
  design: DenseMatrix,
  { count, seed = 0, perturbation }: SamplePatternsOptions,
): ActivationPatterns {
  const list = new PatternList(design);
  if (perturbation) list.add(new Float64Array(design.rows), new Float64Array(design.columns));
  const draws = perturbation
    ? movedDirections(design, perturbation, seed)
    : normalDirections(design, count, seed);
  let [draw, found, last] = [0, 0, 0];
  for (const { h, inputs } of draws) {
    if (draw >= DRAWS * count || list.count >= count) break;
    if (list.count > found) [found, last] = [list.count, draw];
    // All that can be found by chance has been.
    if (draw - last > DRAWS * Math.max(found, FEW)) break;
    list.add(inputs, h);
    draw += 1;
  }
  return list.patterns(false);
}

/**
 * Distinct activation patterns  [x_k^T h >= 0]  of directions h ~ N(0, I). With a perturbation half of them are patterns
 * [(x_k + r_k)^T h >= 0]  of rows moved uniformly inside the box, and the pattern of all rows comes first.
 *
 * @param design n x d, with a column of ones where units have biases
 * @throws ArgumentError when an option does not fit, or more patterns are asked for than exist or are found by chance
 * Source: Bai, Gautam & Sojoudi 2022, Sections 2 and 4.
 */
export function samplePatterns(design: DenseMatrix, options: SamplePatternsOptions): ActivationPatterns {
  checkObject("the options of samplePatterns", options, "{ count, seed, perturbation }");
  checkOptions("samplePatterns", options, ["count", "seed", "perturbation"]);
  checkFiniteDense("design", design);
  const { count, perturbation } = options;
  checkPositiveInteger({ count });
  if (!perturbation) checkPatternCount("count", count, design);
  else {
    checkOptions("perturbation", perturbation, ["epsilon", "perturbed"]);
    checkNonNegative({ epsilon: perturbation.epsilon });
    checkPerturbed(perturbation.perturbed, design.columns, "the design");
  }
  const patterns = drawPatterns(design, options);
  if (patterns.count < count)
    throw new ArgumentError(
      `count must be at most the number of patterns that exist, got ${count}; ${patterns.count} were found`,
    );
  return patterns;
}

/** Unit directions of the cells into which the hyperplanes x_k^T h = 0 cut a line or a plane, and those in between. */
export interface CellDirections {
  /** One inside each cell. */
  readonly cells: readonly Float64Array[];
  /** The rays between the cells of a plane. */
  readonly rays: readonly Float64Array[];
}

const FULL_TURN = 2 * Math.PI;
const atAngle = (angle: number) => Float64Array.of(Math.cos(angle), Math.sin(angle));

/** Cells of a design with one or two columns. */
export function cellDirections({ rows, columns, values }: DenseMatrix): CellDirections {
  if (columns === 1) return { cells: [Float64Array.of(1), Float64Array.of(-1)], rays: [] };
  const angles: number[] = [];
  for (let k = 0; k < rows; k++) {
    const [a, b] = [values[2 * k], values[2 * k + 1]];
    if (a === 0 && b === 0) continue;
    for (const quarter of [Math.PI / 2, -Math.PI / 2]) {
      const angle = Math.atan2(b, a) + quarter;
      angles.push(angle < 0 ? angle + FULL_TURN : angle);
    }
  }
  angles.sort((s, t) => s - t);
  const distinct = angles.filter((angle, i) => i === 0 || angle !== angles[i - 1]);
  if (distinct.length === 0) return { cells: [atAngle(0)], rays: [] };
  const cells = distinct.map((angle, i) =>
    atAngle((angle + (distinct[i + 1] ?? distinct[0] + FULL_TURN)) / 2),
  );
  return { cells, rays: distinct.map(atAngle) };
}

/**
 * All activation patterns of a design with one or two columns, but the one without an active row: at most 2n, one for
 * each cell into which the lines x_k^T h = 0 cut the plane.
 *
 * @param design n x 1 or n x 2: two inputs, or one input and a column of ones
 * @throws ArgumentError when it has more columns
 */
export function enumeratePatterns(design: DenseMatrix): ActivationPatterns {
  checkFiniteDense("design", design);
  if (design.columns > 2)
    throw new ArgumentError(
      `enumeratePatterns needs a design with 1 or 2 columns, the intercept's among them, got ${design.columns}; use samplePatterns`,
    );
  const list = new PatternList(design);
  const inputs = new Float64Array(design.rows);
  for (const h of cellDirections(design).cells) list.add(inputsOf(design, h, inputs), h);
  return list.patterns(true);
}
