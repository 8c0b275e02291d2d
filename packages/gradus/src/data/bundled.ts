import { readFile } from "#read-file";
import { ArgumentError, DataError } from "../errors.ts";
import { parseCsv } from "./csv.ts";
import type { ClassificationDataset, Dataset, RegressionDataset } from "./dataset.ts";
import { gunzip } from "./gzip.ts";

interface Bundled {
  /** Written as `new URL("literal", import.meta.url)` so that bundlers find the file. */
  readonly url: URL;
  /** Absent for a regression set. */
  readonly classNames?: readonly string[];
  readonly source: string;
  readonly license: string;
}

const UCI = "UCI Machine Learning Repository";
const CC_BY = "CC BY 4.0";

const bundled = {
  /** 150 x 4, 50 rows a class. */
  iris: {
    url: new URL("./bundled/iris.csv", import.meta.url),
    classNames: ["setosa", "versicolor", "virginica"],
    source: `R. A. Fisher 1936, Iris, ${UCI}, doi 10.24432/C56C76`,
    license: CC_BY,
  },
  /** 178 x 13, 59 + 71 + 48 rows. */
  wine: {
    url: new URL("./bundled/wine.csv", import.meta.url),
    classNames: ["cultivar 1", "cultivar 2", "cultivar 3"],
    source: `S. Aeberhard, M. Forina 1991, Wine, ${UCI}, doi 10.24432/C5PC7J`,
    license: CC_BY,
  },
  /** 569 x 30. Class 0 is malignant (212 rows) and class 1 benign (357 rows), as scikit-learn codes them. */
  "breast-cancer": {
    url: new URL("./bundled/breast-cancer.csv.gz", import.meta.url),
    classNames: ["malignant", "benign"],
    source: `W. Wolberg, O. Mangasarian, N. Street, W. Street 1993, Breast Cancer Wisconsin (Diagnostic), ${UCI}, doi 10.24432/C5DW2B`,
    license: CC_BY,
  },
  /** 1797 x 64: 8 x 8 gray levels 0 .. 16 of handwritten digits. */
  digits: {
    url: new URL("./bundled/digits.csv.gz", import.meta.url),
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    source: `E. Alpaydin, C. Kaynak 1998, Optical Recognition of Handwritten Digits (test part), ${UCI}, doi 10.24432/C50P49`,
    license: CC_BY,
  },
  /**
   * 442 x 10, disease progression after a year; features in their own units (scikit-learn's scaled version is each
   * column minus its mean, over its population standard deviation times sqrt(442)).
   */
  diabetes: {
    url: new URL("./bundled/diabetes.csv", import.meta.url),
    source:
      "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani 2004, Least angle regression, Annals of Statistics 32",
    license:
      "published by the authors without a stated license; distributed with scikit-learn (BSD 3-Clause)",
  },
  /** 10000 x 2, 1047 rows of class 1: the generated set "random" of the AnyLoss paper. */
  "anyloss-random": {
    url: new URL("./bundled/anyloss-random.csv.gz", import.meta.url),
    classNames: ["negative", "positive"],
    source:
      "generated with scikit-learn's make_classification after D. Han, N. Moniz, N. V. Chawla 2024, arXiv 2405.14745",
    license: "generated data, free to use",
  },
} as const satisfies Record<string, Bundled>;

export type DatasetName = keyof typeof bundled;

/** The names that `loadDataset` knows. */
export const datasetNames: readonly DatasetName[] = Object.keys(bundled).filter(isDatasetName);

function isDatasetName(name: string): name is DatasetName {
  return Object.hasOwn(bundled, name);
}

function classNumbers(target: Float64Array, classNames: readonly string[], name: string): Int32Array {
  const wrong = target.findIndex(
    (label) => !(Number.isInteger(label) && label >= 0 && label < classNames.length),
  );
  if (wrong >= 0)
    throw new DataError(
      `${name}: labels must be 0 .. ${classNames.length - 1}, got ${target[wrong]} in row ${wrong}`,
    );
  return Int32Array.from(target);
}

/**
 * A data set that comes with the library; rows in the order in which scikit-learn stores them. Each call reads the
 * file anew, so the arrays are the caller's own.
 *
 * @throws ArgumentError when the name is not among `datasetNames`
 * @throws DataMissingError when the file was not installed or deployed with the library
 */
export async function loadDataset(name: "diabetes"): Promise<RegressionDataset>;
export async function loadDataset(name: Exclude<DatasetName, "diabetes">): Promise<ClassificationDataset>;
export async function loadDataset(name: DatasetName): Promise<Dataset>;
export async function loadDataset(name: DatasetName): Promise<Dataset> {
  if (!isDatasetName(name))
    throw new ArgumentError(`name must be one of ${datasetNames.join(", ")}, got "${name}"`);
  const { url, source, license, classNames }: Bundled = bundled[name];
  const text = new TextDecoder().decode(await gunzip(await readFile(url)));
  const { columns, n, d: width, x: cells } = parseCsv(text, { name });
  const d = width - 1;
  const x = new Float64Array(n * d);
  const target = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    x.set(cells.subarray(i * width, i * width + d), i * d);
    target[i] = cells[i * width + d];
  }
  const rows = { name, x, n, d, featureNames: columns.slice(0, d), source, license };
  return classNames
    ? { ...rows, classNames, y: classNumbers(target, classNames, name) }
    : { ...rows, y: target };
}
