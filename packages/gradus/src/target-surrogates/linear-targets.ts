import { ArgumentError } from "../check/errors.ts";
import { selectRows } from "../data/rows.ts";
import { type DenseMatrix, isSparse } from "../linalg/matrix.ts";
import { csrSelectRows } from "../linalg/sparse/csr.ts";
import { type DesignMap, designMap, uncheckedDesignMap } from "../objectives/design-map.ts";
import type { DesignMatrix } from "../objectives/design-matrix.ts";
import type { TargetMap, TargetModel } from "./contract.ts";

function mapOf(design: DesignMap): TargetMap {
  const { rows, columns } = design;
  const product = (v: Float64Array) => {
    const out = new Float64Array(rows);
    design.product(v, out);
    return out;
  };
  return {
    dimension: columns,
    rows,
    outputs: 1,
    design,
    targets: product,
    pullback(_theta, cotangents) {
      const out = new Float64Array(columns);
      design.adjoint(cotangents, out);
      return out;
    },
    pushforward: (_theta, tangent) => product(tangent),
  };
}

/** Rows of a row-major matrix: a view if they are consecutive, otherwise a copy. */
function rowsOf(X: DenseMatrix, rows: Int32Array): Float64Array {
  const { rows: n, columns, values } = X;
  const [first] = rows;
  for (let i = 0; i < rows.length; i++) if (rows[i] !== first + i) return selectRows(X, rows).values;
  const inside = first >= 0 && first + rows.length <= n;
  return inside
    ? values.subarray(first * columns, (first + rows.length) * columns)
    : selectRows(X, rows).values;
}

/**
 * The linear model f(theta) = X theta with one target per row; add a column of ones for an intercept. Batches gather
 * their rows once; consecutive rows are not copied; sparse rows stay sparse.
 *
 * @throws ArgumentError when X is not a matrix; DataError naming the row and column of an entry that is not finite
 */
export function linearTargets(X: DesignMatrix): TargetModel {
  const all = mapOf(designMap(X, "X"));
  return {
    dimension: X.columns,
    rows: X.rows,
    outputs: 1,
    on(rows) {
      if (rows === undefined) return all;
      if (rows.length === 0) throw new ArgumentError("rows must have at least one row, got none");
      if (isSparse(X)) return mapOf(uncheckedDesignMap(csrSelectRows(X, rows)));
      return mapOf(uncheckedDesignMap({ rows: rows.length, columns: X.columns, values: rowsOf(X, rows) }));
    },
  };
}
