import { ArgumentError, DataError } from "../../../check/errors.ts";
import { checkPositive } from "../../../check/numbers.ts";
import { checkCsr, csrFromTriplets } from "../../../linalg/sparse/build.ts";
import type { CsrMatrix } from "../../../linalg/sparse/csr.ts";
import { checkGraph } from "./greedy-forest.ts";

/** The quadratic of label propagation over the unlabeled nodes. */
export interface LabelPropagation {
  /** The graph's Laplacian, restricted to the unlabeled nodes. */
  readonly A: CsrMatrix;
  /** c = W_ul y_l: what the labeled neighbors contribute. */
  readonly c: Float64Array;
  /** The node behind each unknown. */
  readonly unlabeled: Int32Array;
}

/** The first node that no path joins to a labeled one, or -1. */
function stranded({ rows: n, rowPointers, columnIndices, values }: CsrMatrix, labeled: Uint8Array): number {
  const reached = labeled.slice();
  const stack: number[] = [];
  for (let i = 0; i < n; i++) if (labeled[i] === 1) stack.push(i);
  for (let i = stack.pop(); i !== undefined; i = stack.pop())
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
      const j = columnIndices[k];
      if (values[k] === 0 || reached[j] === 1) continue;
      reached[j] = 1;
      stack.push(j);
    }
  return reached.indexOf(0);
}

/**
 * The problem  min 1/2 sum_(edges) w_ij (y_i - y_j)^2  over the unlabeled nodes, as  1/2 x^T A x - c^T x  (up to a
 * constant): hand A and c to `blockQuadratic`.
 *
 * @param W n x n, symmetric, nonnegative weights; the diagonal is ignored
 * @param labels values of the labeled nodes, by node
 * @throws ArgumentError when W is not square or a labeled node is not one of its nodes
 * @throws DataError naming a negative weight or a label that is not finite, or a node without a path to any label
 * (the Laplacian would be singular)
 */
export function labelPropagation(W: CsrMatrix, labels: ReadonlyMap<number, number>): LabelPropagation {
  checkGraph(checkCsr(W));
  const { rows: n, rowPointers, columnIndices, values } = W;
  const labeled = new Uint8Array(n);
  for (const [node, value] of labels) {
    if (!Number.isInteger(node) || node < 0 || node >= n)
      throw new ArgumentError(`labels must belong to nodes 0 .. ${n - 1}, got node ${node}`);
    if (!Number.isFinite(value))
      throw new DataError(`the label of node ${node} must be finite, got ${value}`);
    labeled[node] = 1;
  }
  const lost = stranded(W, labeled);
  if (lost >= 0)
    throw new DataError(`every connected component must have a labeled node; node ${lost} reaches none`);
  const unlabeled = Int32Array.from(labeled.keys()).filter((i) => labeled[i] === 0);
  const unknown = new Int32Array(n).fill(-1);
  unlabeled.forEach((i, u) => {
    unknown[i] = u;
  });
  const c = new Float64Array(unlabeled.length);
  const rows: number[] = [];
  const columns: number[] = [];
  const entries: number[] = [];
  unlabeled.forEach((i, u) => {
    let degree = 0;
    for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
      const [j, w] = [columnIndices[k], values[k]];
      if (j === i || w === 0) continue;
      if (w < 0) throw new DataError(`weights must be >= 0, got ${w} between nodes ${i} and ${j}`);
      degree += w;
      if (labeled[j] === 1) c[u] += w * (labels.get(j) ?? 0);
      else {
        rows.push(u);
        columns.push(unknown[j]);
        entries.push(-w);
      }
    }
    rows.push(u);
    columns.push(u);
    entries.push(degree);
  });
  const A = csrFromTriplets(unlabeled.length, unlabeled.length, { rows, columns, values: entries });
  return { A, c, unlabeled };
}

/**
 * The weights of a rows x columns lattice: node r * columns + c is joined to its neighbors left, right, above, below.
 *
 * @throws ArgumentError unless both sizes are integers >= 1 and weight finite and > 0
 */
export function latticeGraph(rows: number, columns: number, weight = 1): CsrMatrix {
  for (const [name, size] of [
    ["rows", rows],
    ["columns", columns],
  ] as const)
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError(`${name} must be an integer >= 1, got ${size}`);
  checkPositive({ weight });
  const from: number[] = [];
  const to: number[] = [];
  const join = (a: number, b: number) => {
    from.push(a, b);
    to.push(b, a);
  };
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      if (c + 1 < columns) join(r * columns + c, r * columns + c + 1);
      if (r + 1 < rows) join(r * columns + c, (r + 1) * columns + c);
    }
  const values = new Float64Array(from.length).fill(weight);
  return csrFromTriplets(rows * columns, rows * columns, { rows: from, columns: to, values });
}
