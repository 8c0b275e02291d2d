import {
  type ArrayValue,
  add,
  array,
  compile,
  type FloatType,
  floatData,
  matmul,
  matrixTranspose,
  mean,
  type Program,
  sub,
} from "@gradus/graph";
import { type Geometry, geometryOf } from "./geometry.ts";
import type { Combine } from "./mixing.ts";
import type { Vector } from "./vector.ts";

/** Gram matrices and combinations of long models, computed by compiled matrix products. */
export interface GraphMixing {
  geometry(honest: readonly Vector[]): Promise<Geometry>;
  readonly combine: Combine;
  dispose(): Promise<void>;
}

/** The rows as one matrix: without a copy where they are adjacent views of one buffer. */
function matrixOf(rows: readonly Vector[]): ArrayValue {
  const [first] = rows;
  const d = first.length;
  const shape = [rows.length, d];
  const adjacent = rows.every(
    (row, i) => row.buffer === first.buffer && row.byteOffset === first.byteOffset + i * first.byteLength,
  );
  const single = first instanceof Float32Array;
  if (adjacent) {
    const { buffer, byteOffset } = first;
    const length = rows.length * d;
    return array(
      single ? new Float32Array(buffer, byteOffset, length) : new Float64Array(buffer, byteOffset, length),
      shape,
    );
  }
  const all = single ? new Float32Array(rows.length * d) : new Float64Array(rows.length * d);
  rows.forEach((row, i) => {
    all.set(row, i * d);
  });
  return array(all, shape);
}

function precisionOf(row: Vector): FloatType {
  return row instanceof Float32Array ? "f32" : "f64";
}

/** The number of leading rows that are adjacent in memory. */
function leadingAdjacent(rows: readonly Vector[]): number {
  const [first] = rows;
  const end = rows.findIndex(
    (row, i) => row.buffer !== first.buffer || row.byteOffset !== first.byteOffset + i * first.byteLength,
  );
  return end < 0 ? rows.length : end;
}

/** A matrix in the program's precision. */
type Matrix = (
  rows: number,
  columns: number,
) => { readonly dtype: FloatType; readonly shape: readonly number[] };

const gramProgram = (matrix: Matrix, [h, d]: readonly number[]) =>
  compile(
    ({ rows }) => {
      const center = mean(rows, { axes: 0, keepDims: true });
      const centered = sub(rows, center);
      return { center, gram: matmul(centered, matrixTranspose(centered)) };
    },
    { rows: matrix(h, d) },
  );

const combinationProgram = (matrix: Matrix, [h, n, d]: readonly number[]) =>
  compile(({ weights, rows }) => matmul(weights, rows), { weights: matrix(h, n), rows: matrix(n, d) });

/** The rows in two parts, so that the larger one need not be copied. */
const partsProgram = (matrix: Matrix, [h, n, m, d]: readonly number[]) =>
  compile(
    ({ weights, rows, otherWeights, others }) => add(matmul(weights, rows), matmul(otherWeights, others)),
    {
      weights: matrix(h, n),
      rows: matrix(n, d),
      otherWeights: matrix(h, m),
      others: matrix(m, d),
    },
  );

/** The columns `from` .. `to` of a matrix in the models' precision. */
function columns(weights: Float64Array, count: number, from: number, to: number, like: Vector): ArrayValue {
  const rows = weights.length / count;
  const part =
    like instanceof Float32Array
      ? new Float32Array(rows * (to - from))
      : new Float64Array(rows * (to - from));
  for (let i = 0; i < rows; i++)
    part.set(weights.subarray(i * count + from, i * count + to), i * (to - from));
  return array(part, [rows, to - from]);
}

/**
 * Programs for matrices of one precision and size, each compiled on first use: a fixed size tells the compiler whether
 * several threads are worthwhile.
 */
class Programs<P extends Program<never, unknown>> {
  readonly #make: (matrix: Matrix, sizes: readonly number[]) => Promise<P>;
  readonly #made = new Map<string, Promise<P>>();

  constructor(make: (matrix: Matrix, sizes: readonly number[]) => Promise<P>) {
    this.#make = make;
  }

  of(like: Vector, ...sizes: number[]): Promise<P> {
    const dtype = precisionOf(like);
    const key = `${dtype} ${sizes}`;
    const program =
      this.#made.get(key) ?? this.#make((rows, columns) => ({ dtype, shape: [rows, columns] }), sizes);
    this.#made.set(key, program);
    return program;
  }

  async dispose(): Promise<void> {
    for (const program of this.#made.values()) await (await program).dispose();
  }
}

/** Matrix products for mixing; each program is compiled on first use. Holds native memory: call `dispose`. */
export function graphMixing(): GraphMixing {
  const grams = new Programs(gramProgram);
  const combinations = new Programs(combinationProgram);
  const parts = new Programs(partsProgram);
  return {
    async geometry(honest) {
      const program = await grams.of(honest[0], honest.length, honest[0].length);
      const { center, gram } = await program.run({ rows: matrixOf(honest) });
      return geometryOf(honest, {
        mean: new Float64Array(floatData(center)),
        gram: new Float64Array(floatData(gram)),
      });
    },
    async combine(rows, weights) {
      const [like] = rows;
      const count = rows.length;
      const d = like.length;
      const receivers = weights.length / count;
      const adjacent = leadingAdjacent(rows);
      if (adjacent === count) {
        const program = await combinations.of(like, receivers, count, d);
        const result = await program.run({
          weights: columns(weights, count, 0, count, like),
          rows: matrixOf(rows),
        });
        return floatData(result);
      }
      const program = await parts.of(like, receivers, adjacent, count - adjacent, d);
      const result = await program.run({
        weights: columns(weights, count, 0, adjacent, like),
        rows: matrixOf(rows.slice(0, adjacent)),
        otherWeights: columns(weights, count, adjacent, count, like),
        others: matrixOf(rows.slice(adjacent)),
      });
      return floatData(result);
    },
    async dispose() {
      await Promise.all([grams.dispose(), combinations.dispose(), parts.dispose()]);
    },
  };
}
