import type { Matrix } from "@gradus/papers";

/** Adjacent rows or columns that share a label. */
export interface Band {
  readonly label: string;
  /** Index of the first. */
  readonly from: number;
  /** Index after the last. */
  readonly to: number;
}

/** Splits labels into bands of equal ones. */
export function bandsOf(labels: readonly string[]): Band[] {
  const bands: Band[] = [];
  let from = 0;
  labels.forEach((label, i) => {
    if (i + 1 < labels.length && labels[i + 1] === label) return;
    bands.push({ label, from, to: i + 1 });
    from = i + 1;
  });
  return bands;
}

/** Means over blocks of `down` rows and `across` columns (smaller at the ends), for matrices too large to show. */
export function meanPooled({ rows, columns, values }: Matrix, down: number, across: number): Matrix {
  if (down <= 1 && across <= 1) return { rows, columns, values };
  const every = (labels: readonly string[], step: number) => labels.filter((_, i) => i % step === 0);
  const [few, narrow] = [every(rows, down), every(columns, across)];
  const means: (number | null)[] = [];
  for (let i = 0; i < rows.length; i += down)
    for (let j = 0; j < columns.length; j += across) {
      let sum = 0;
      let count = 0;
      for (let r = i; r < Math.min(i + down, rows.length); r++)
        for (let c = j; c < Math.min(j + across, columns.length); c++) {
          const value = values[r * columns.length + c];
          if (value === null || !Number.isFinite(value)) continue;
          sum += value;
          count += 1;
        }
      means.push(count === 0 ? null : sum / count);
    }
  return { rows: few, columns: narrow, values: means };
}
