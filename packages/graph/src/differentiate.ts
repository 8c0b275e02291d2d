import { dependents } from "./dependence.ts";
import { isFloat } from "./dtype.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { loopOp, loopResultOp } from "./loop.ts";
import { pullBackLoop, pushForwardLoop } from "./loop-derivatives.ts";
import { add } from "./ops/arithmetic.ts";
import { broadcastTo, onesLike, zerosLike } from "./ops/broadcast.ts";
import { identity } from "./ops/select.ts";
import { formatShape, sameShape } from "./shape.ts";
import { flattenTensors, mapTensors, type Tensor } from "./tensor.ts";
import { sameStructure, unflattenTree } from "./tree.ts";

function typed(what: string, value: Tensor, like: Tensor): Tensor {
  if (value.dtype !== like.dtype || !sameShape(value.shape, like.shape))
    throw new ShapeError(
      `${what} must be ${like.dtype}${formatShape(like.shape)}, got ${value.dtype}${formatShape(value.shape)}`,
    );
  return value;
}

/** The index of a result among those of its loop. */
function indexOf(result: Tensor): number {
  return (result.attributes as { readonly index: number }).index;
}

/** Reverse mode: the cotangents of `variables` given those of `outputs`; undefined if no output depends on one. */
export function pullBack(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  variables: readonly Tensor[],
): (Tensor | undefined)[] {
  const accumulated = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, cotangent: Tensor) => {
    const sofar = accumulated.get(tensor);
    accumulated.set(tensor, sofar ? add(sofar, cotangent) : cotangent);
  };
  const wanted = new Set<Tensor>(variables);
  const nodes = dependents(outputs, variables);
  for (const node of nodes) wanted.add(node);
  outputs.forEach((output, i) => {
    if (wanted.has(output)) accumulate(output, cotangents[i]);
  });
  const ofResults = new Map<Tensor, Tensor[]>();
  for (const output of nodes.reverse()) {
    if (output.op === loopOp) {
      const products = pullBackLoop(output, ofResults.get(output) ?? [], (t) => wanted.has(t));
      for (const [tensor, product] of products) accumulate(tensor, typed("vjp of a loop", product, tensor));
      continue;
    }
    const cotangent = accumulated.get(output);
    if (!cotangent) continue;
    if (output.op === loopResultOp) {
      const [loop] = output.inputs;
      const sofar = ofResults.get(loop) ?? [];
      const index = indexOf(output);
      sofar[index] = sofar[index] ? add(sofar[index], cotangent) : cotangent;
      ofResults.set(loop, sofar);
      continue;
    }
    if (!output.op.vjp) continue;
    output.op
      .vjp({ inputs: output.inputs, output, attributes: output.attributes }, cotangent)
      .forEach((product, i) => {
        const tensor = output.inputs[i];
        if (product && wanted.has(tensor))
          accumulate(tensor, typed(`vjp of ${output.op.name}`, product, tensor));
      });
  }
  return variables.map((variable) => accumulated.get(variable));
}

/** Forward mode: the tangents of `outputs` given those of `variables`; undefined if an output depends on none. */
export function pushForward(
  outputs: readonly Tensor[],
  variables: readonly Tensor[],
  tangents: readonly Tensor[],
): (Tensor | undefined)[] {
  const known = new Map<Tensor, Tensor>();
  variables.forEach((variable, i) => {
    known.set(variable, tangents[i]);
  });
  const ofResults = new Map<Tensor, readonly (Tensor | undefined)[]>();
  for (const output of dependents(outputs, variables)) {
    if (output.op === loopOp)
      ofResults.set(
        output,
        pushForwardLoop(output, (t) => known.get(t)),
      );
    if (output.op === loopResultOp) {
      const tangent = ofResults.get(output.inputs[0])?.[indexOf(output)];
      if (tangent) known.set(output, tangent);
    }
    if (!output.op.jvp) continue;
    const tangent = output.op.jvp(
      { inputs: output.inputs, output, attributes: output.attributes },
      output.inputs.map((t) => known.get(t)),
    );
    // A tangent that only broadcasts to its primal's shape is expanded here, once for all operations.
    if (tangent) known.set(output, broadcastTo(tangent, output.shape));
  }
  return outputs.map((output) => known.get(output));
}

/** New nodes for the arguments, so that derivatives ignore other uses of them by the caller. */
function variablesFor<P>(operation: string, parameters: P): { copy: P; variables: Tensor[] } {
  const { leaves, paths } = flattenTensors(parameters);
  leaves.forEach((leaf, i) => {
    if (!isFloat(leaf.dtype))
      throw new GraphError(
        `${operation}: ${paths[i] || "the argument"} is ${leaf.dtype}; derivatives need f32 or f64`,
      );
  });
  const copy = mapTensors(identity, parameters);
  return { copy, variables: flattenTensors(copy).leaves };
}

function scalarLoss(operation: string, value: Tensor): Tensor {
  if (value.shape.length !== 0 || !isFloat(value.dtype))
    throw new ShapeError(
      `${operation}: the function must return a floating-point scalar, got ${value.dtype}${formatShape(value.shape)}`,
    );
  return value;
}

/** A function's value, and its gradient with the structure of the parameters. */
export type Valued<P> = { readonly value: Tensor; readonly gradient: P };

/**
 * `valueAndGradient` for a function that returns `{ loss, auxiliary }`: only `loss` is differentiated, and `auxiliary`
 * is returned with the value and gradient.
 *
 * @throws ShapeError unless `loss` is a floating-point scalar
 * @throws GraphError when a parameter is not floating-point
 */
export function valueAndGradientWithAuxiliary<P, R extends readonly unknown[], A>(
  f: (parameters: P, ...rest: R) => { readonly loss: Tensor; readonly auxiliary: A },
): (parameters: P, ...rest: R) => Valued<P> & { readonly auxiliary: A } {
  return (parameters, ...rest) => {
    const { copy, variables } = variablesFor("valueAndGradient", parameters);
    const { loss, auxiliary } = f(copy, ...rest);
    const value = scalarLoss("valueAndGradient", loss);
    const cotangents = pullBack([value], [onesLike(value)], variables).map(
      (c, i) => c ?? zerosLike(variables[i]),
    );
    // The structure is that of `parameters`.
    const gradient = unflattenTree(flattenTensors(parameters).structure, cotangents) as P;
    return { value, gradient, auxiliary };
  };
}

/**
 * The value and gradient of a scalar function in reverse mode: (parameters, ...rest) to { value: f, gradient:
 * df/dparameters }. It can be nested with the other transformations.
 *
 * @throws ShapeError unless f returns a floating-point scalar
 * @throws GraphError when a parameter is not floating-point
 */
export function valueAndGradient<P, R extends readonly unknown[]>(
  f: (parameters: P, ...rest: R) => Tensor,
): (parameters: P, ...rest: R) => Valued<P> {
  const transformed = valueAndGradientWithAuxiliary((parameters: P, ...rest: R) => ({
    loss: f(parameters, ...rest),
    auxiliary: undefined,
  }));
  return (parameters, ...rest) => {
    const { value, gradient } = transformed(parameters, ...rest);
    return { value, gradient };
  };
}

/**
 * The gradient df/dparameters of a scalar function in reverse mode: a tree like the parameters.
 *
 * @throws ShapeError unless f returns a floating-point scalar
 * @throws GraphError when a parameter is not floating-point
 */
export function gradient<P, R extends readonly unknown[]>(
  f: (parameters: P, ...rest: R) => Tensor,
): (parameters: P, ...rest: R) => P {
  const transformed = valueAndGradient(f);
  return (parameters, ...rest) => transformed(parameters, ...rest).gradient;
}

/**
 * The value and the Jacobian-vector product J(x) t of a function of trees, in forward mode.
 *
 * @throws ShapeError when the tangents do not have the structure and shapes of the arguments
 */
export function jvp<P, O>(f: (x: P) => O, x: P, tangents: P): { readonly value: O; readonly tangent: O } {
  const { copy, variables } = variablesFor("jvp", x);
  const given = flattenTensors(tangents);
  if (!sameStructure(given.structure, flattenTensors(x).structure))
    throw new ShapeError("jvp: tangents must have the same structure as the arguments");
  given.leaves.forEach((t, i) => {
    typed("jvp: a tangent", t, variables[i]);
  });
  const value = f(copy);
  const { leaves, structure } = flattenTensors(value);
  const pushed = pushForward(leaves, variables, given.leaves).map((t, i) => t ?? zerosLike(leaves[i]));
  const tangent = unflattenTree(structure, pushed) as O;
  return { value, tangent };
}

/**
 * The value of a function of trees and its pullback w -> J(x)^T w, in reverse mode.
 *
 * @throws ShapeError when a cotangent does not have the structure and shapes of the value
 */
export function vjp<P, O>(
  f: (x: P) => O,
  x: P,
): { readonly value: O; readonly pullback: (cotangents: O) => P } {
  const { copy, variables } = variablesFor("vjp", x);
  const value = f(copy);
  const { leaves, structure } = flattenTensors(value);
  const pullback = (cotangents: O) => {
    const given = flattenTensors(cotangents);
    if (!sameStructure(given.structure, structure))
      throw new ShapeError("vjp: cotangents must have the same structure as the value");
    given.leaves.forEach((t, i) => {
      typed("vjp: a cotangent", t, leaves[i]);
    });
    const pulled = pullBack(leaves, given.leaves, variables).map((c, i) => c ?? zerosLike(variables[i]));
    return unflattenTree(flattenTensors(x).structure, pulled) as P;
  };
  return { value, pullback };
}

/**
 * The Hessian-vector product H(parameters) v of a scalar function, in forward-over-reverse mode: the derivative of the
 * gradient along v.
 *
 * @throws ShapeError unless f returns a scalar and `vector` has the parameters' structure and shapes
 */
export function hessianVectorProduct<P, R extends readonly unknown[]>(
  f: (parameters: P, ...rest: R) => Tensor,
): (parameters: P, vector: P, ...rest: R) => P {
  return (parameters, vector, ...rest) => jvp((p: P) => gradient(f)(p, ...rest), parameters, vector).tangent;
}
