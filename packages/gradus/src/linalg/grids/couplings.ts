import { blasAvailable } from "@gradus/blas";
import { gridLaplacian } from "@gradus/blas/grids";
import { checkLength } from "../../check/arrays.ts";
import { compiledStepper } from "../krylov/compiled-conjugate-gradient.ts";
import type { CompiledSystem } from "../operator/contract.ts";
import type { CsrMatrix } from "../sparse/csr.ts";
import type { GridBoundary, GridOperator } from "./contract.ts";
import type { GridDomain } from "./domain.ts";

/** out = A x, axis by axis: couplings are 0 behind the last cell of a row, so that rows are no concern. */
function product(
  diagonal: Float64Array,
  couplings: readonly Float64Array[],
  strides: readonly number[],
  x: Float64Array,
  out: Float64Array,
): void {
  const n = diagonal.length;
  checkLength("x", x, n);
  checkLength("out", out, n);
  for (let k = 0; k < n; k++) out[k] = diagonal[k] * x[k];
  for (let axis = 0; axis < strides.length; axis++) {
    const stride = strides[axis];
    const coupling = couplings[axis];
    for (let k = 0, other = stride; other < n; k++, other++) {
      const c = coupling[k];
      out[k] -= c * x[other];
      out[other] -= c * x[k];
    }
  }
}

function csrOf(
  { cells, strides }: GridDomain,
  diagonal: Float64Array,
  couplings: readonly Float64Array[],
): CsrMatrix {
  const most = cells * (2 * strides.length + 1);
  const rowPointers = new Int32Array(cells + 1);
  const columnIndices = new Int32Array(most);
  const values = new Float64Array(most);
  let count = 0;
  const put = (column: number, value: number) => {
    if (value === 0) return;
    columnIndices[count] = column;
    values[count] = value;
    count += 1;
  };
  for (let k = 0; k < cells; k++) {
    for (let axis = 0; axis < strides.length; axis++)
      if (k >= strides[axis]) put(k - strides[axis], -couplings[axis][k - strides[axis]]);
    put(k, diagonal[k]);
    for (let axis = strides.length - 1; axis >= 0; axis--)
      if (k + strides[axis] < cells) put(k + strides[axis], -couplings[axis][k]);
    rowPointers[k + 1] = count;
  }
  return {
    rows: cells,
    columns: cells,
    rowPointers,
    columnIndices: columnIndices.slice(0, count),
    values: values.slice(0, count),
  };
}

/** For each cell the number of its connected part, from 0; -1 in solid cells. */
function connectedParts(
  { cells, strides, active }: GridDomain,
  couplings: readonly Float64Array[],
): { readonly part: Int32Array; readonly count: number } {
  const part = new Int32Array(cells).fill(-1);
  const stack = new Int32Array(cells);
  let count = 0;
  for (let seed = 0; seed < cells; seed++) {
    if (part[seed] >= 0 || active[seed] === 0) continue;
    let height = 0;
    part[seed] = count;
    stack[height++] = seed;
    while (height > 0) {
      const k = stack[--height];
      for (let axis = 0; axis < strides.length; axis++) {
        const [before, next] = [k - strides[axis], k + strides[axis]];
        if (before >= 0 && couplings[axis][before] > 0 && part[before] < 0) {
          part[before] = count;
          stack[height++] = before;
        }
        if (next < cells && couplings[axis][k] > 0 && part[next] < 0) {
          part[next] = count;
          stack[height++] = next;
        }
      }
    }
    count += 1;
  }
  return { part, count };
}

/** b without what has no solution: solid cells, and the mean of each connected part where A is singular. */
function projector(domain: GridDomain, boundary: GridBoundary, couplings: readonly Float64Array[]) {
  const { cells, active } = domain;
  let known: ReturnType<typeof connectedParts> | undefined;
  return (b: Float64Array): Float64Array => {
    checkLength("b", b, cells);
    if (boundary === "dirichlet") return b.map((value, k) => (active[k] === 0 ? 0 : value));
    known ??= connectedParts(domain, couplings);
    const { part, count } = known;
    const sums = new Float64Array(count);
    const sizes = new Float64Array(count);
    for (let k = 0; k < cells; k++) {
      if (part[k] < 0) continue;
      sums[part[k]] += b[k];
      sizes[part[k]] += 1;
    }
    return b.map((value, k) => (part[k] < 0 ? 0 : value - sums[part[k]] / sizes[part[k]]));
  };
}

/**
 * The operator of given couplings and diagonal.
 *
 * @param uniform whether all couplings between active cells are 1, for which there are compiled passes
 */
export function operatorOfCouplings(
  domain: GridDomain,
  boundary: GridBoundary,
  diagonal: Float64Array,
  couplings: readonly Float64Array[],
  uniform: boolean,
): GridOperator {
  const { cells, strides, active, shape } = domain;
  const compiled =
    uniform && blasAvailable()
      ? gridLaplacian({
          sizes: shape,
          diagonal: diagonal.map((value, k) => (active[k] === 0 ? -1 : value)),
        })
      : undefined;
  return {
    ...domain,
    rows: cells,
    columns: cells,
    symmetric: true,
    boundary,
    diagonal,
    couplings,
    apply: compiled
      ? (x, out) => compiled.product(x, out)
      : (x, out) => product(diagonal, couplings, strides, x, out),
    ...(compiled && {
      compiledConjugateGradients: (system: CompiledSystem) =>
        system.shift || system.preconditioner ? undefined : compiledStepper(() => compiled.vectors(), system),
    }),
    project: projector(domain, boundary, couplings),
    toCsr: () => csrOf(domain, diagonal, couplings),
  };
}
