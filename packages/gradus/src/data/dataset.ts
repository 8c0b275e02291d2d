import type { DenseMatrix } from "../linalg/matrix.ts";

/** Rows of features, each with a label. */
export interface LabeledRows<Y extends Float64Array | Int32Array = Float64Array | Int32Array> {
  /** n x d, one feature per column. */
  readonly x: DenseMatrix;
  /** One label or target per row. */
  readonly y: Y;
}

interface Described {
  readonly name: string;
  /** One name per column of x. */
  readonly featureNames: readonly string[];
  /** Who collected the data and where they are published. */
  readonly source: string;
  readonly license: string;
}

/** A data set whose labels are class numbers 0 .. classNames.length - 1. */
export interface ClassificationDataset extends Described, LabeledRows<Int32Array> {
  readonly classNames: readonly string[];
}

/** A data set whose targets are measurements. */
export interface RegressionDataset extends Described, LabeledRows<Float64Array> {
  readonly classNames?: undefined;
}

/** Rows with a class or a measurement each, and their source. */
export type Dataset = ClassificationDataset | RegressionDataset;
