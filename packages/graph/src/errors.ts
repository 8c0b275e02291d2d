/** The base of the errors that building, compiling and running graphs throw on purpose. */
export class GraphError extends Error {
  override name = "GraphError";
}

/** Shapes do not fit together; the message names the operation, the shapes it got and the rule they break. */
export class ShapeError extends GraphError {
  override name = "ShapeError";
}

/** Element types do not fit together. */
export class TypeMismatchError extends GraphError {
  override name = "TypeMismatchError";
}

/** An index is outside of the axis that it indexes; the message names the operation, and the input where it is known. */
export class IndexError extends GraphError {
  override name = "IndexError";
}

/** An argument, an option or a value handed to a compiled program is not what is wanted. */
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

/** The worker that ran a program ended. */
export class WorkerError extends GraphError {
  override name = "WorkerError";
}
