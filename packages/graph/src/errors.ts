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

/** A value handed to a compiled program is not what its signature says. */
export class InputError extends GraphError {
  override name = "InputError";
}
