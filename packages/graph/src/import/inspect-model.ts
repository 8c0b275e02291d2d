import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { productWork } from "../estimate-work.ts";
import type { Shape } from "../shape.ts";
import { trace } from "../trace.ts";
import type { ImportedModel } from "./import-onnx.ts";

/** A parameter of an imported model. */
export interface InspectedParameter {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** How many numbers it has. */
  readonly numbers: number;
  /** Whether training leaves it alone. */
  readonly frozen: boolean;
  /** Whether batches update it while the model is trained, as the moments of batch normalization in training mode. */
  readonly updated: boolean;
}

/** What an imported model is made of, as plain data. */
export interface ModelInspection {
  readonly producer: string;
  readonly opset: number;
  readonly inputs: readonly { readonly name: string; readonly dtype: DType; readonly shape: Shape }[];
  readonly outputs: readonly string[];
  readonly parameters: readonly InspectedParameter[];
  /** How often each operator occurs. */
  readonly operators: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Multiplications and additions of the matrix products and convolutions of one run in which every named dimension is
   * 1; those in a loop's body count once. Null for a model with an obstacle.
   */
  readonly operations: number | null;
  /** Why the model cannot be used with the dimensions of its file; null when it can. */
  readonly obstacle: string | null;
}

function usability(model: ImportedModel): Pick<ModelInspection, "operations" | "obstacle"> {
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  try {
    return { operations: productWork(trace((inputs) => model.apply(inputs), specs)), obstacle: null };
  } catch (error) {
    if (error instanceof GraphError) return { operations: null, obstacle: error.message };
    throw error;
  }
}

/**
 * What an imported model is made of: inputs, outputs, parameters, operators, cost, and whether it can be differentiated
 * and trained with the dimensions of its file.
 */
export function inspectModel(model: ImportedModel): ModelInspection {
  const { inputs, outputs, parameters, frozen, runningMoments, opset, producer, operators, metadata } = model;
  return {
    producer,
    opset,
    inputs: inputs.map(({ name, spec }) => ({ name, dtype: spec.dtype, shape: spec.shape })),
    outputs,
    parameters: Object.entries(parameters).map(([name, { dtype, shape, data }]) => ({
      name,
      dtype,
      shape,
      numbers: data.length,
      frozen: frozen.includes(name),
      updated: runningMoments.includes(name),
    })),
    operators,
    metadata,
    ...usability(model),
  };
}
