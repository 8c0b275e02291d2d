// Readers

export { parseCsv, readCsv } from "./csv.ts";
export { parseIdx, readIdx } from "./idx.ts";
export { parseLibsvm, readLibsvm } from "./libsvm.ts";
export { loadLibsvmDataset } from "./libsvm-dataset.ts";

// Data sets

export { type DatasetName, datasetNames, datasetUrl, loadDataset } from "./bundled.ts";
export { dataDirectory, readDataFile } from "./data-directory.ts";
export type { ClassificationDataset, Dataset, LabeledRows, RegressionDataset } from "./dataset.ts";
export {
  type CatalogueFile,
  type CatalogueSet,
  type DownloadableName,
  downloadableSets,
} from "./download/catalogue.ts";
export { DownloadError, type DownloadProgress } from "./download/contract.ts";
export { downloadDataset } from "./download/download.ts";
export { type ImageDataset, loadMnist } from "./mnist.ts";

// Generated data

export { blobs } from "./generators/blobs.ts";
export { circles } from "./generators/circles.ts";
export { conditionedLogistic } from "./generators/conditioned-logistic.ts";
export { gaussianPair } from "./generators/gaussian-pair.ts";
export { gaussianRandomField } from "./generators/gaussian-random-field.ts";
export { gaussianWithMargin } from "./generators/gaussian-with-margin.ts";
export { matrixFactorization } from "./generators/matrix-factorization.ts";
export { moons } from "./generators/moons.ts";
export { teacherNetwork } from "./generators/teacher-network.ts";

// Splits, scaling and batches

export { type Fold, kFold, stratifiedKFold, trainTestSplit } from "./folds.ts";
export { minibatches } from "./minibatches.ts";
export { randomUndersample, smote } from "./resample.ts";
export { oneVersusRest, rowsWithLabel, selectRows } from "./rows.ts";
export { standardize } from "./standardize.ts";
