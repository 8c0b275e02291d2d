import { type Dimension, type ImportedModel, type NamedSpec, type Tensor, transpose } from "@gradus/graph";
import { alternatives, shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { type ConstantInput, checkedConstant, constantTensor } from "./constant-inputs.ts";

/** How rows of data go into a model that takes more than a batch along the first axis of each input. */
export interface ModelInputOptions {
  /**
   * Inputs that are the same for all rows, by name: an array of the input's shape, which may have the size 1 along the batch, or
   * one number for all entries, or a list of numbers for an input of one dimension.
   */
  readonly constants?: Readonly<Record<string, ConstantInput>>;
  /** The axis along which an input has its rows, by name, where the file does not tell it. */
  readonly batchAxes?: Readonly<Record<string, number>>;
}

/** What exporters and their users call the dimension of a batch. */
const BATCH = /batch|^rows$/i;

const namedAxis = ({ spec: { shape } }: NamedSpec) =>
  shape.findIndex((d) => typeof d === "string" && BATCH.test(d));

/**
 * The axis along which each input has its rows: that of a dimension whose name says so, such as `batch`. Other inputs
 * have them along the first axis that is as long as the batch, such as axis 1 of a state [layers, 1, units] beside
 * [1, time, features]; where there is none, along axis 0.
 */
export function batchAxes(inputs: readonly NamedSpec[]): number[] {
  const first =
    inputs.find((input) => namedAxis(input) >= 0) ?? inputs.find(({ spec }) => spec.shape.length > 0);
  if (!first) return inputs.map(() => 0);
  const batch = first.spec.shape[Math.max(0, namedAxis(first))];
  return inputs.map((input) => {
    const named = namedAxis(input);
    return Math.max(0, named >= 0 ? named : input.spec.shape.indexOf(batch));
  });
}

/** The axes in their order, with one moved. */
function movedAxes(rank: number, from: number, to: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  axes.splice(to, 0, ...axes.splice(from, 1));
  return axes;
}

/** A tensor with its rows along another axis than before. */
export function moveRows(t: Tensor, from: number, to: number): Tensor {
  return from === to ? t : transpose(t, movedAxes(t.shape.length, from, to));
}

const shapeText = ({ name, spec: { dtype, shape } }: NamedSpec) => `${name} ${dtype}[${shape.join(", ")}]`;

/** @throws ArgumentError unless the names are of inputs */
function checkNames(what: string, given: object, inputs: readonly NamedSpec[]): void {
  const known = inputs.map(({ name }) => name);
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw new ArgumentError(`${what} has ${shown(name)}, but the model's inputs are ${known.join(", ")}`);
}

/**
 * A model as a function of rows: its inputs have them along the first axis, and those that are constants are filled in.
 * The outputs stay as they are.
 *
 * @throws ArgumentError for a name that no input has, an axis out of range, a number that an input does not take, or
 *   when no input is left
 * @throws DataError for an array that an input does not take
 */
export function arrangeInputs(model: ImportedModel, options: ModelInputOptions = {}): ImportedModel {
  const { constants = {}, batchAxes: chosen = {} } = options;
  checkNames("constants", constants, model.inputs);
  checkNames("batchAxes", chosen, model.inputs);
  const isFixed = ({ name }: NamedSpec) => Object.hasOwn(constants, name);
  const fixed = model.inputs
    .filter(isFixed)
    .map((input) => ({ input, value: checkedConstant(input, constants[input.name]) }));
  const free = model.inputs.filter((input) => !isFixed(input));
  if (free.length === 0)
    throw new ArgumentError(
      `constants must leave an input for the rows, got ${alternatives(Object.keys(constants))}`,
    );
  const guessed = batchAxes(free);
  const axes = new Map(
    free.map((input, i) => {
      const { name, spec } = input;
      const axis = chosen[name] ?? guessed[i];
      if (spec.shape.length === 0)
        throw new ArgumentError(
          `the input ${shapeText(input)} is one number for all rows: give it by constants.${name}`,
        );
      if (!Number.isInteger(axis) || axis < 0 || axis >= spec.shape.length)
        throw new ArgumentError(
          `batchAxes.${name} must be an integer from 0 to ${spec.shape.length - 1}, an axis of ${shapeText(input)}, got ${shown(axis)}`,
        );
      return [name, axis];
    }),
  );
  const axisOf = (name: string) => axes.get(name) ?? 0;
  const ownAxes = batchAxes(model.inputs);
  return {
    ...model,
    inputs: free.map(({ name, spec }) => {
      const order = movedAxes(spec.shape.length, axisOf(name), 0);
      return { name, spec: { dtype: spec.dtype, shape: order.map((axis) => spec.shape[axis]) } };
    }),
    apply(given, parameters, trainingMode) {
      const placed = Object.fromEntries(
        Object.entries(given).map(([name, t]) => [name, moveRows(t, 0, axisOf(name))]),
      );
      const sizes = new Map<string, Dimension>();
      for (const { name, spec } of free)
        for (const [axis, d] of spec.shape.entries())
          if (typeof d === "string" && placed[name] && !sizes.has(d)) sizes.set(d, placed[name].shape[axis]);
      const rows = Object.values(given)[0]?.shape[0];
      const filled: [string, Tensor][] = fixed.map(({ input, value }) => {
        const own = ownAxes[model.inputs.indexOf(input)];
        const sizeOf = (d: string, axis: number) => sizes.get(d) ?? (axis === own ? rows : undefined);
        return [input.name, constantTensor(input, value, sizeOf)];
      });
      return model.apply({ ...placed, ...Object.fromEntries(filled) }, parameters, trainingMode);
    },
  };
}

/**
 * The inputs as arrays of rows, which come first whatever the model's own order: a recurrent layer that takes
 * [sequence, batch, features] has rows of [sequence, features]. Constants are none of them.
 *
 * @throws what `arrangeInputs` throws
 */
export function rowInputs(model: ImportedModel, options: ModelInputOptions = {}): NamedSpec[] {
  return [...arrangeInputs(model, options).inputs];
}
