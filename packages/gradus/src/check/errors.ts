/**
 * The base of every error that the library throws: the message names the argument, what was expected and what it got.
 */
export class GradusError extends Error {
  override name = "GradusError";
}

/** An argument is not one that the function accepts. */
export class ArgumentError extends GradusError {
  override name = "ArgumentError";
}

/** Data are malformed: a value that is not finite, an unknown label, rows that differ in length. */
export class DataError extends GradusError {
  override name = "DataError";
}

/** A class that a metric divides by has no rows. */
export class MissingClassError extends DataError {
  override name = "MissingClassError";
}

/** A computation produced NaN or infinity, or did not reach the requested accuracy. */
export class ConvergenceError extends GradusError {
  override name = "ConvergenceError";
}

/** A data set that the library does not ship is not installed. */
export class DataMissingError extends DataError {
  override name = "DataMissingError";
}
