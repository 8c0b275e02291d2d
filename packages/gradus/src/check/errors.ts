/** The base of every error the library throws on purpose: the message names the argument, what it got and what it wanted. */
export class GradusError extends Error {
  override name = "GradusError";
}

/** An argument is outside what the function accepts. */
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

/** A computation produced NaN or infinity, or stopped short of what was asked. */
export class ConvergenceError extends GradusError {
  override name = "ConvergenceError";
}

/** A data set that has to be brought from elsewhere is not there. */
export class DataMissingError extends DataError {
  override name = "DataMissingError";
}
