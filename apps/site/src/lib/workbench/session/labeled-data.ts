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
 * @param most of more rows so many are taken, evenly spaced
 * @throws ArgumentError when there are no rows with labels; what `inputArrays` throws
 */
export function labeledData(
  { table, examples, input }: LabeledSource,
  loss: ModelLossName,
  most = Number.POSITIVE_INFINITY,
): ModelData {
  if (table && !table.labels)
    throw new ArgumentError(`${table.name} has no label column; choose one to measure a loss`);
  const given = table?.labels?.length ?? 0;
  if (given + examples.length === 0) throw new ArgumentError("choose rows with labels first");
  const kept = spacedRows(given + examples.length, most);
  const { features } = input;
  const labels = Float64Array.from(kept, (row) => examples[row - given]?.label ?? table?.labels?.[row] ?? 0);
  const numberAt = (k: number, column: number) =>
    examples[kept[k] - given]?.values[column] ?? table?.values[kept[k] * features + column] ?? 0;
  const classes = loss === "cross-entropy" && labels.every(Number.isInteger);
  return {
    inputs: inputArrays(input, kept.length, numberAt),
    labels: classes ? array(BigInt64Array.from(labels, BigInt)) : array(labels),
  };
}
