// Readers

export { type CsvOptions, type NumericTable, parseCsv, readCsv } from "./csv.ts";
export type { DecimalSign, Delimiter } from "./csv-cells.ts";
export { type CsvFormat, type DetectedCsv, detectCsv } from "./csv-format.ts";
export { type IdxArray, type IdxValues, parseIdx, readIdx } from "./idx.ts";
export { parseLibsvm, readLibsvm } from "./libsvm.ts";
export { type LibsvmDatasetName, loadLibsvmDataset, type SparseDataset } from "./libsvm-dataset.ts";
export { type NpyArray, parseNpy } from "./npy.ts";
export { type NpzOptions, readNpz } from "./npz.ts";

// Data sets

export { type DatasetName, datasetNames, datasetUrl, loadDataset } from "./bundled.ts";
export { dataDirectory, readDataFile, setDataDirectory } from "./data-directory.ts";
export type { ClassificationDataset, Dataset, LabeledRows, RegressionDataset } from "./dataset.ts";
export {
  type CatalogueFile,
  type CatalogueSet,
  downloadableSets,
} from "./download/catalogue.ts";
export { DownloadError, type DownloadProgress } from "./download/contract.ts";
export { type DownloadOptions, downloadDataset } from "./download/download.ts";
export type { DownloadableName } from "./download/names.ts";
export { type ImageDataset, loadMnist } from "./mnist.ts";

// Generated data

export { type Blobs, type BlobsOptions, blobs } from "./generators/blobs.ts";
export { type CirclesOptions, circles } from "./generators/circles.ts";
export {
  type ConditionedLogisticOptions,
  type ConditionedLogisticRows,
  conditionedLogistic,
} from "./generators/conditioned-logistic.ts";
export { type GaussianPairOptions, gaussianPair } from "./generators/gaussian-pair.ts";
export {
  type FieldKernel,
  type GaussianRandomField,
  type GaussianRandomFieldOptions,
  gaussianRandomField,
} from "./generators/gaussian-random-field.ts";
export {
  type GaussianWithMarginOptions,
  gaussianWithMargin,
  type SeparableRows,
} from "./generators/gaussian-with-margin.ts";
export {
  type MatrixFactorizationOptions,
  type MatrixFactorizationRows,
  matrixFactorization,
} from "./generators/matrix-factorization.ts";
export { type MoonsOptions, moons } from "./generators/moons.ts";
export {
  type TeacherNetworkOptions,
  type TeacherRows,
  teacherNetwork,
} from "./generators/teacher-network.ts";

// Splits, scaling and batches

export { indicatorColumns, selectColumns, splitTarget, type TargetTable } from "./columns.ts";
export { type Fold, kFold, type SplitOptions, stratifiedKFold, trainTestSplit } from "./folds.ts";
export { type Minibatch, type MinibatchOptions, minibatches } from "./minibatches.ts";
export { randomUndersample, smote } from "./resample.ts";
export { oneVersusRest, type RowValues, rowsWithLabel, selectRows } from "./rows.ts";
export { type Standardization, type StandardizeOptions, standardize } from "./standardize.ts";

// Shared types

export type { ByteSource, ReadingOptions } from "./byte-source.ts";
export type { LibsvmOptions, SparseLabeledRows } from "./libsvm-parser.ts";
