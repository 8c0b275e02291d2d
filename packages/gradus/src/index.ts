export { parseCheckpoint, serializeCheckpoint } from "./checkpoint.ts";
export * from "./classifiers/index.ts";
export * from "./data/bundled.ts";
export type { ByteSource } from "./data/byte-source.ts";
export * from "./data/csv.ts";
export { dataDirectory, readDataFile } from "./data/data-directory.ts";
export * from "./data/dataset.ts";
export {
  type CatalogueFile,
  type CatalogueSet,
  type DownloadableName,
  downloadableSets,
} from "./data/download/catalogue.ts";
export { DownloadError, type DownloadProgress } from "./data/download/contract.ts";
export * from "./data/download/download.ts";
export * from "./data/folds.ts";
export * from "./data/generators.ts";
export * from "./data/idx.ts";
export * from "./data/libsvm.ts";
export * from "./data/libsvm-dataset.ts";
export type { LibsvmOptions, SparseLabeledRows } from "./data/libsvm-parser.ts";
export * from "./data/minibatches.ts";
export * from "./data/mnist.ts";
export * from "./data/resample.ts";
export * from "./data/rows.ts";
export * from "./data/standardize.ts";
export * from "./errors.ts";
export * from "./iterate.ts";
export * from "./iterate-in-place.ts";
export * from "./kernels/index.ts";
export * from "./linalg/index.ts";
export * from "./nn/index.ts";
export * from "./nn/metric-loss/index.ts";
export * from "./objectives/index.ts";
export * from "./optimize/classification/index.ts";
export * from "./optimize/coordinate/index.ts";
export * from "./optimize/first-order/index.ts";
export * from "./optimize/constrained/index.ts";
export * from "./optimize/line-search/index.ts";
export * from "./optimize/second-order/index.ts";
export { categoricalSampler } from "./random/categorical.ts";
export * from "./random/stream.ts";
export * from "./statistics/bayesian-sign-test.ts";
export * from "./statistics/bootstrap.ts";
export * as classificationMetrics from "./statistics/classification-metrics.ts";
export * from "./statistics/classification-report.ts";
export * from "./statistics/confusion-matrix.ts";
export * from "./statistics/descriptive.ts";
export * from "./statistics/frechet-distance.ts";
export * from "./statistics/gamma.ts";
export * from "./statistics/gauss-hermite.ts";
export * from "./statistics/log-log-slope.ts";
export * from "./statistics/moments.ts";
export * from "./statistics/normal-distribution.ts";
export * from "./statistics/principal-components.ts";
export * from "./statistics/quadrature.ts";
export * from "./statistics/student-t.ts";
export * from "./statistics/wasserstein.ts";
export * from "./train/index.ts";
