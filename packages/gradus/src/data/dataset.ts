/** Rows of features with a label each. */
export interface LabeledRows<Y extends Float64Array | Int32Array = Float64Array | Int32Array> {
  /** Features, n x d, row-major. */
  readonly x: Float64Array;
  /** Number of rows. */
  readonly n: number;
  /** Number of features. */
  readonly d: number;
  /** One label or target a row. */
  readonly y: Y;
}

interface Described {
  readonly name: string;
  /** d names. */
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
