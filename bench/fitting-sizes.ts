/** Models fitted to data of sizes over three decades; `peers/fitting.py` reads the same from the manifest. */
export const fittingSizes = {
  /** Rows, columns, and the mean number of entries of a row where the design is sparse. */
  logistic: [
    [100, 5],
    [1000, 50],
    [10_000, 20],
    [100_000, 20],
    [10_000, 200],
    [2000, 500],
    [500, 2000],
    [1000, 300, 15],
    [10_000, 1000, 20],
    [100_000, 300, 9],
    [5000, 2000, 40],
  ],
  lasso: [
    [100, 50],
    [1000, 100],
    [500, 1000],
    [10_000, 200],
    [1000, 2000],
    [1000, 1000, 50],
    [10_000, 1000, 20],
    [20_000, 2000, 20],
  ],
  perceptron: [
    [1000, 10],
    [10_000, 50],
    [2000, 500],
    [50_000, 20],
    [10_000, 1000, 20],
    [50_000, 300, 15],
  ],
  separate: [
    [100, 5],
    [1000, 20],
    [1000, 100],
    [10_000, 50],
    [50_000, 20],
    [2000, 500],
    [500, 1000],
    [10_000, 300, 15],
    [50_000, 1000, 20],
  ],
  /** The ridge term of the mean logistic loss, and the gradient's norm at the end. */
  ridge: 1e-3,
  gradient: 1e-6,
  /** lambda over lambda_max, and the relative gap at the end. */
  penalty: 0.1,
  gap: 1e-8,
  passes: 20,
  /** Least distance of a sample from the separating plane, in the space of its entries, where there is one. */
  margin: 0.1,
} as const;

export type FittingFamily = "logistic" | "lasso" | "perceptron" | "separate";
export const fittingFamilies: readonly FittingFamily[] = ["logistic", "lasso", "perceptron", "separate"];

/** One problem of a family. */
export interface FittingProblem {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Undefined for a dense design. */
  readonly perRow?: number;
}

/** The problems of a family. */
export function fittingProblems(family: FittingFamily): readonly FittingProblem[] {
  return fittingSizes[family].map(([rows, columns, perRow]) => {
    const name = ["fit", family, ...(perRow ? ["sparse"] : []), rows, columns].join("-");
    return { name, rows, columns, perRow };
  });
}
