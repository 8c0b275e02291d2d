import { array } from "@gradus/graph";
import { ArgumentError } from "gradus/check";
import type { ModelData, ModelLossName } from "gradus/models";
import type { Example, RowInput } from "../protocol.ts";
import type { LabeledTable } from "../rows.ts";
import { inputArrays } from "./row-input.ts";

/** What rows are made of for a model: where they come from, and how its input takes them. */
export interface LabeledSource {
  readonly table: LabeledTable | undefined;
  /** Rows beside those of the table. */
  readonly examples: readonly Example[];
  readonly input: RowInput;
}

/** Indices of at most `most` of `count` rows, evenly spaced. */
function spacedRows(count: number, most: number): number[] {
  const kept = Math.min(count, most);
  return Array.from({ length: kept }, (_, k) => Math.floor((k * count) / kept));
}

/**
 * Labeled rows as a model's objective takes them.
 *
 * @param most the most rows; of more, this many are taken, evenly spaced
 * @throws ArgumentError when there are no rows with labels; what `inputArrays` throws
 */
export function labeledData(
  { table, examples, input }: LabeledSource,
  loss: ModelLossName,
  most = Number.POSITIVE_INFINITY,
): ModelData {
  if (table && !table.labels)
    throw new ArgumentError(`${table.name} has no label column; choose one to measure a loss`);
  const { labelShape = [] } = table ?? {};
  const size = labelShape.reduce((product, one) => product * one, 1);
  if (table && size > 1 && examples.length > 0)
    throw new ArgumentError(
      `the rows of ${table.name} have ${size.toLocaleString("en-US")} labels each, and a drawing has one: forget the drawings`,
    );
  const given = (table?.labels?.length ?? 0) / size;
  if (given + examples.length === 0) throw new ArgumentError("choose rows with labels first");
  const kept = spacedRows(given + examples.length, most);
  const { features } = input;
  const labels = Float64Array.from({ length: kept.length * size }, (_, k) => {
    const row = kept[Math.floor(k / size)];
    return examples[row - given]?.label ?? table?.labels?.[row * size + (k % size)] ?? 0;
  });
  const shape = [kept.length, ...labelShape];
  const numberAt = (k: number, column: number) =>
    examples[kept[k] - given]?.values[column] ?? table?.values[kept[k] * features + column] ?? 0;
  const classes = loss === "cross-entropy" && labels.every(Number.isInteger);
  return {
    inputs: inputArrays(input, kept.length, numberAt),
    labels: array(classes ? BigInt64Array.from(labels, BigInt) : labels, shape),
  };
}
