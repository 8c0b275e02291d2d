import { readFile } from "#read-file";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkOneOf } from "../check/options.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { csrToDense } from "../linalg/sparse/csr.ts";
import { parseCsv } from "./csv.ts";
import type { ClassificationDataset, Dataset, RegressionDataset } from "./dataset.ts";
import { isDownloadable } from "./download/names.ts";
import { gunzip } from "./gzip.ts";
import { parseLibsvm } from "./libsvm.ts";

interface Bundled {
  /** Written as `new URL("literal", import.meta.url)` so that bundlers find the file. */
  readonly url: URL;
  /** Absent for a regression set. */
  readonly classNames?: readonly string[];
  /** The label of the first class in a file in the LIBSVM format; absent for CSV files. */
  readonly libsvmFirstClass?: number;
  readonly source: string;
  readonly license: string;
}

const UCI = "UCI Machine Learning Repository";
const CC_BY = "CC BY 4.0";

const bundled = {
  /** 150 x 4, 50 rows per class. */
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
  /** 351 x 34, radar returns: 126 without structure (0), 225 with (1). */
  ionosphere: {
    url: new URL("./bundled/ionosphere.csv.gz", import.meta.url),
    classNames: ["bad", "good"],
    source: `V. Sigillito, S. Wing, L. Hutton, K. Baker 1989, Ionosphere, ${UCI}, doi 10.24432/C5W01B`,
    license: CC_BY,
  },
  /**
   * 8124 x 112 zeros and ones, 21 ones per row: the attributes encoded as on the LIBSVM data page. Class 0 is poisonous
   * (3916 rows, LIBSVM's label 1) and class 1 edible (4208 rows, LIBSVM's label 2).
   */
  mushrooms: {
    url: new URL("./bundled/mushrooms.libsvm.gz", import.meta.url),
    classNames: ["poisonous", "edible"],
    libsvmFirstClass: 1,
    source: `J. Schlimmer 1987, Mushroom, ${UCI}, doi 10.24432/C5959T; as coded on the LIBSVM data page`,
    license: CC_BY,
  },
  /**
   * 442 x 10, disease progression after one year; features in their original units (scikit-learn's scaled version
   * subtracts each column's mean and divides by its population standard deviation times sqrt(442)).
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

/** The name of a bundled data set. */
export type DatasetName = keyof typeof bundled;

/** The names of the bundled data sets. */
export const datasetNames: readonly DatasetName[] = Object.keys(bundled).filter(isDatasetName);

export function isDatasetName(name: string): name is DatasetName {
  return Object.hasOwn(bundled, name);
}

/**
 * The URL of a bundled data set's file.
 *
 * @throws ArgumentError for a name that no bundled data set has
 */
export function datasetUrl(name: DatasetName): URL {
  checkOneOf(datasetNames, { name });
  return bundled[name].url;
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

interface Table {
  readonly x: DenseMatrix;
  readonly target: Float64Array;
  readonly featureNames: readonly string[];
}

function tableOfLibsvm(bytes: Uint8Array, name: string, firstClass: number): Table {
  const { x, y } = parseLibsvm(bytes, { name });
  const featureNames = Array.from({ length: x.columns }, (_, j) => String(j + 1));
  return { x: csrToDense(x), target: y.map((label) => label - firstClass), featureNames };
}

function tableOfCsv(bytes: Uint8Array, name: string): Table {
  const { columns, x: table } = parseCsv(new TextDecoder().decode(bytes), { name });
  const { rows: n, columns: width, values: cells } = table;
  const d = width - 1;
  const x = new Float64Array(n * d);
  const target = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    x.set(cells.subarray(i * width, i * width + d), i * d);
    target[i] = cells[i * width + d];
  }
  return { x: { rows: n, columns: d, values: x }, target, featureNames: columns.slice(0, d) };
}

/**
 * Loads a bundled data set as a dense matrix (`csrFromDense` makes it sparse), with rows in the order of its source:
 * scikit-learn, UCI or the LIBSVM page. Each call reads the file again, so the caller may modify the arrays.
 *
 * @throws ArgumentError when the name is not among `datasetNames`
 * @throws DataMissingError when the file was not installed or deployed with the library
 */
export async function loadDataset(name: "diabetes"): Promise<RegressionDataset>;
export async function loadDataset(name: Exclude<DatasetName, "diabetes">): Promise<ClassificationDataset>;
export async function loadDataset(name: DatasetName): Promise<Dataset>;
export async function loadDataset(name: DatasetName): Promise<Dataset> {
  if (!isDatasetName(name) && isDownloadable(name))
    throw new ArgumentError(
      `"${name}" is not bundled with the library: download it with downloadDataset, then call loadLibsvmDataset or loadMnist`,
    );
  checkOneOf(datasetNames, { name });
  const { url, source, license, classNames, libsvmFirstClass }: Bundled = bundled[name];
  const bytes = await gunzip(await readFile(url));
  const { target, ...table } =
    libsvmFirstClass === undefined ? tableOfCsv(bytes, name) : tableOfLibsvm(bytes, name, libsvmFirstClass);
  const rows = { name, ...table, source, license };
  return classNames
    ? { ...rows, classNames, y: classNumbers(target, classNames, name) }
    : { ...rows, y: target };
}
