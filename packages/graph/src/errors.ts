/** The base of the errors thrown while building, compiling and running graphs. */
export class GraphError extends Error {
  override name = "GraphError";
}

/** Shapes do not match; the message names the operation, the shapes it got and the rule that they violate. */
export class ShapeError extends GraphError {
  override name = "ShapeError";
}

/** Element types do not match. */
export class TypeMismatchError extends GraphError {
  override name = "TypeMismatchError";
}

/** An index is out of range; the message names the operation, and the input if it is known. */
export class IndexError extends GraphError {
  override name = "IndexError";
}

/** An argument, an option or an input of a compiled program is not valid. */
export class InputError extends GraphError {
  override name = "InputError";
}

/** A program, a cache of programs or a runtime was used after it was disposed of. */
export class DisposedError extends GraphError {
  override name = "DisposedError";
}

/** The requested runtime is not available here, or has no kernels for the program's types. */
export class UnsupportedError extends GraphError {
  override name = "UnsupportedError";
}

/** The worker that ran a program has stopped. */
export class WorkerError extends GraphError {
  override name = "WorkerError";
}
