import { DataError } from "../check/errors.ts";
import { checkIntegerWithin, checkPositive } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import type { RandomStream } from "../random/stream.ts";

export interface DirichletPartitionOptions {
  /** Number of parts. */
  readonly parts: number;
  /** Concentration of the Dirichlet distribution; the smaller, the fewer classes dominate each part. */
  readonly concentration: number;
  /** Rows per part before rounding down; defaults to the number of rows divided by `parts`. */
  readonly samplesPerPart?: number;
  readonly random: RandomStream;
}

/**
 * Heterogeneous parts of labeled rows: each part draws class proportions p from a Dirichlet distribution and takes
 * floor(p_c samplesPerPart) rows of class c, drawn without replacement. Parts may share rows. Numbers that no row has are
 * no classes.
 * Source: Hsu, Qi & Brown 2019; drawn as in the published code of Farhadkhani et al. 2023.
 *
 * @param labels class numbers from 0
 * @returns row numbers for each part, class by class
 * @throws ArgumentError unless parts is an integer in 1 .. 2^31 - 1, concentration finite and > 0 and samplesPerPart > 0
 * @throws DataError when a part is empty, there are no labels, or a label is not a class number
 */
export function dirichletPartition(
  labels: ArrayLike<number>,
  options: DirichletPartitionOptions,
): Int32Array[] {
  checkGivenOptions("dirichletPartition", options, ["parts", "concentration", "samplesPerPart", "random"]);
  const { parts, concentration, samplesPerPart = labels.length / parts, random } = options;
  checkIntegerWithin(1, 2 ** 31 - 1, { parts });
  checkPositive({ concentration });
  checkPositive({ samplesPerPart });
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row];
    if (!Number.isInteger(label) || label < 0)
      throw new DataError(`labels must be class numbers from 0, got ${label} in row ${row}`);
    const rows = rowsOf.get(label);
    if (rows) rows.push(row);
    else rowsOf.set(label, [row]);
  }
  const pools = [...rowsOf].sort(([a], [b]) => a - b).map(([, rows]) => rows);
  if (pools.length === 0) throw new DataError("labels must have at least one row, got none");
  return Array.from({ length: parts }, (_, part) => {
    const stream = random.split(part);
    const shares = stream.dirichlet(new Float64Array(pools.length).fill(concentration));
    const rows = pools.flatMap((pool, c) =>
      stream.shuffle([...pool]).slice(0, Math.floor(shares[c] * samplesPerPart)),
    );
    if (rows.length === 0)
      throw new DataError(
        `part ${part} has no rows: samplesPerPart = ${samplesPerPart} over ${pools.length} classes is too small`,
      );
    return Int32Array.from(rows);
  });
}
