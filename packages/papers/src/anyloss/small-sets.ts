import {
  type ClassificationDataset,
  loadDataset,
  oneVersusRest,
  rowsWithLabel,
  selectRows,
} from "gradus/data";
import type { Rows } from "./evaluation.ts";

/** A two-class task; class 1 is positive. */
export interface SmallTask extends Rows {
  readonly name: string;
}

/** Positions, among the malignant rows in file order, of the 36 that the paper keeps together with all benign ones. */
const keptMalignant = [
  11, 15, 31, 41, 46, 64, 65, 69, 75, 83, 96, 104, 110, 111, 115, 116, 124, 125, 136, 139, 142, 146, 150, 161,
  162, 166, 167, 168, 172, 174, 179, 182, 185, 187, 191, 207,
] as const;

/** Quantiles of the diabetes target above which a row is positive. */
const quantiles = [0.9, 0.8, 0.65] as const;
/** The digits used instead of all ten in a quick run. */
const fewDigits = [3, 8] as const;

const MALIGNANT = 0;

/** A quantile, interpolated linearly between neighbors. */
function quantile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

function oneClass({ x, y, name, classNames }: ClassificationDataset, positive: number): SmallTask {
  return {
    name: `${name}: ${classNames[positive]}`,
    x,
    y: oneVersusRest(y, positive),
  };
}

async function breastCancer(): Promise<SmallTask[]> {
  const data = await loadDataset("breast-cancer");
  const { x } = data;
  const malignant = rowsWithLabel(data.y, MALIGNANT);
  const benign = rowsWithLabel(data.y, 1 - MALIGNANT);
  const rows = Int32Array.from([...benign, ...keptMalignant.map((k) => malignant[k])]);
  return [
    oneClass(data, MALIGNANT),
    {
      name: "breast-cancer, 36 malignant rows",
      x: selectRows(x, rows),
      y: new Int32Array(rows.length).fill(1, benign.length),
    },
  ];
}

async function diabetes(): Promise<SmallTask[]> {
  const { x, y } = await loadDataset("diabetes");
  return quantiles.map((share) => {
    const limit = quantile(y, share);
    return {
      name: `diabetes: progression above its ${share} quantile`,
      x,
      y: Int32Array.from(y, (value) => (value > limit ? 1 : 0)),
    };
  });
}

/**
 * Twenty two-class tasks from scikit-learn's sets: breast cancer whole and thinned to 36 malignant rows, each wine and
 * two irises against the rest, three thresholds of the diabetes target, and each digit (or two of them).
 */
export async function smallTasks({ allDigits }: { allDigits: boolean }): Promise<SmallTask[]> {
  const [wine, iris, digits] = await Promise.all([
    loadDataset("wine"),
    loadDataset("iris"),
    loadDataset("digits"),
  ]);
  return [
    ...(await breastCancer()),
    ...[0, 1, 2].map((k) => oneClass(wine, k)),
    ...[1, 2].map((k) => oneClass(iris, k)),
    ...(await diabetes()),
    ...(allDigits ? digits.classNames.map((_, k) => k) : fewDigits).map((k) => oneClass(digits, k)),
  ];
}
