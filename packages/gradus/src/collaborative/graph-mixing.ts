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

/** The rows as one matrix: what they are views of, where they lie one after the other, else a copy. */
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

/** How many of the rows lie one after the other from the first on. */
function leadingAdjacent(rows: readonly Vector[]): number {
  const [first] = rows;
  const end = rows.findIndex(
    (row, i) => row.buffer !== first.buffer || row.byteOffset !== first.byteOffset + i * first.byteLength,
  );
  return end < 0 ? rows.length : end;
}

const gramProgram = (dtype: FloatType) =>
  compile(
    ({ rows }) => {
      const center = mean(rows, { axes: 0, keepDims: true });
      const centered = sub(rows, center);
      return { center, gram: matmul(centered, matrixTranspose(centered)) };
    },
    { rows: { dtype, shape: ["h", "d"] } },
  );

const combinationProgram = (dtype: FloatType) =>
  compile(({ weights, rows }) => matmul(weights, rows), {
    weights: { dtype, shape: ["h", "n"] },
    rows: { dtype, shape: ["n", "d"] },
  });

/** The rows in two parts, so that the larger one need not be copied. */
const partsProgram = (dtype: FloatType) =>
  compile(
    ({ weights, rows, otherWeights, others }) => add(matmul(weights, rows), matmul(otherWeights, others)),
    {
      weights: { dtype, shape: ["h", "n"] },
      rows: { dtype, shape: ["n", "d"] },
      otherWeights: { dtype, shape: ["h", "m"] },
      others: { dtype, shape: ["m", "d"] },
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

/** Programs of one precision, each compiled when it is first wanted. */
class Programs<P extends Program<never, unknown>> {
  readonly #make: (dtype: FloatType) => Promise<P>;
  readonly #made = new Map<FloatType, Promise<P>>();

  constructor(make: (dtype: FloatType) => Promise<P>) {
    this.#make = make;
  }

  of(like: Vector): Promise<P> {
    const dtype = precisionOf(like);
    const program = this.#made.get(dtype) ?? this.#make(dtype);
    this.#made.set(dtype, program);
    return program;
  }

  async dispose(): Promise<void> {
    for (const program of this.#made.values()) await (await program).dispose();
  }
}

/** Matrix products for mixing; each program is compiled when first used. Holds native memory: dispose of it. */
export function graphMixing(): GraphMixing {
  const grams = new Programs(gramProgram);
  const combinations = new Programs(combinationProgram);
  const parts = new Programs(partsProgram);
  return {
    async geometry(honest) {
      const program = await grams.of(honest[0]);
      const { center, gram } = await program.run({ rows: matrixOf(honest) });
      return geometryOf(honest, {
        mean: new Float64Array(floatData(center)),
        gram: new Float64Array(floatData(gram)),
      });
    },
    async combine(rows, weights, mixed) {
      const [like] = rows;
      const count = rows.length;
      const adjacent = leadingAdjacent(rows);
      if (adjacent === count) {
        const program = await combinations.of(like);
        const result = await program.run({
          weights: columns(weights, count, 0, count, like),
          rows: matrixOf(rows),
        });
        mixed.set(floatData(result));
        return;
      }
      const program = await parts.of(like);
      const result = await program.run({
        weights: columns(weights, count, 0, adjacent, like),
        rows: matrixOf(rows.slice(0, adjacent)),
        otherWeights: columns(weights, count, adjacent, count, like),
        others: matrixOf(rows.slice(adjacent)),
      });
      mixed.set(floatData(result));
    },
    async dispose() {
      await Promise.all([grams.dispose(), combinations.dispose(), parts.dispose()]);
    },
  };
}
