import type { ArrayValue } from "@gradus/graph";
import { type CsrMatrix, csrFromTriplets, multiply } from "gradus/linalg";
import { labelPropagation, latticeGraph } from "gradus/optimize";
import type { RandomStream } from "gradus/random";
import { sizes } from "./sizes.ts";

type Add = (name: string, value: ArrayValue) => void;

function addMatrix(add: Add, name: string, { rowPointers, columnIndices, values }: CsrMatrix): void {
  const integers = (data: Int32Array): ArrayValue => ({
    dtype: "i64",
    shape: [data.length],
    data: BigInt64Array.from(data, BigInt),
  });
  add(`${name}.pointers`, integers(rowPointers));
  add(`${name}.indices`, integers(columnIndices));
  add(`${name}.values`, { dtype: "f32", shape: [values.length], data: Float32Array.from(values) });
}

const vector = (data: Float64Array): ArrayValue => ({
  dtype: "f32",
  shape: [data.length],
  data: Float32Array.from(data),
});

/**
 * A sparse m x n design with columns of very different scale and few true weights: A_ij = N(0, 1) + 1, column j times
 * 10 N(0, 1), an entry kept with probability 10 ln(m) / m.
 */
export function addLasso(add: Add, name: string, m: number, n: number, stream: RandomStream): void {
  const keep = (10 * Math.log(m)) / m;
  const entry = stream.split("entries");
  const scale = stream.split("scales").fillNormal(new Float64Array(n));
  const entries = { rows: [] as number[], columns: [] as number[], values: [] as number[] };
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      if (entry.uniform() >= keep) continue;
      entries.rows.push(i);
      entries.columns.push(j);
      entries.values.push((entry.normal() + 1) * 10 * scale[j]);
    }
  const A = csrFromTriplets(m, n, entries);
  addMatrix(add, name, A);
  const weight = stream.split("weights");
  const noise = stream.split("noise");
  const w = Float64Array.from({ length: n }, () => (weight.uniform() < 0.1 ? weight.normal() : 0));
  add(`${name}.c`, vector(multiply(A, w).map((value) => value + noise.normal())));
}

/** A side x side lattice with `count` random labels. */
export function addLattice(add: Add, name: string, side: number, count: number, stream: RandomStream): void {
  const label = stream.split("labels");
  const labels = new Map<number, number>();
  for (const node of label.permutation(side * side).subarray(0, count)) labels.set(node, 10 * label.normal());
  const lattice = labelPropagation(latticeGraph(side, side), labels);
  addMatrix(add, name, lattice.A);
  add(`${name}.c`, vector(lattice.c));
}

/** The inputs of the cases at one size. */
export function addBlockCoordinateInputs(add: Add, stream: RandomStream): void {
  addLasso(add, "lasso", sizes.lasso.rows, sizes.lasso.columns, stream);
  addLattice(add, "lattice", sizes.lattice.side, sizes.lattice.labels, stream);
}
