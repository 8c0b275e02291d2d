import type { DenseMatrix } from "../linalg/matrix.ts";

/** Rows of features with a label each. */
export interface LabeledRows<Y extends Float64Array | Int32Array = Float64Array | Int32Array> {
  /** Features, one column each. */
  readonly x: DenseMatrix;
  /** One label or target a row. */
  readonly y: Y;
}

interface Described {
  readonly name: string;
  /** One name a column of x. */
  readonly featureNames: readonly string[];
  /** Who collected the data and where they are published. */
  readonly source: string;
  readonly license: string;
}

/** A data set whose labels are class numbers 0 .. classNames.length - 1. */
export interface ClassificationDataset extends Described, LabeledRows<Int32Array> {
  readonly classNames: readonly string[];
}

/** A data set whose labels are measurements. */
export interface RegressionDataset extends Described, LabeledRows<Float64Array> {
  readonly classNames?: undefined;
}

/** Rows with a class or a measurement each, and where they come from. */
export type Dataset = ClassificationDataset | RegressionDataset;
