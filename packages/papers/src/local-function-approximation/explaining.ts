import {
  type ExplainableModel,
  type ExplainerName,
  type ExplainerOptions,
  explainBy,
  explainerNames,
  explainers,
} from "gradus/explain";
import type { DenseMatrix } from "gradus/linalg";
import { limeWidth } from "./models.ts";

export const labelOf = (name: ExplainerName) => explainers[name].label;
export const labels = explainerNames.map(labelOf);

const ofFamily = (family: "additive" | "multiplicative") =>
  explainerNames.filter((name) => explainers[name].family === family);
export const multiplicative = ofFamily("multiplicative");
export const additive = ofFamily("additive");

/** Attributions by one explainer, with LIME's kernel scaled to the number of features. */
export async function attributionsOf(
  name: ExplainerName,
  model: ExplainableModel,
  x: DenseMatrix,
  options: ExplainerOptions,
): Promise<DenseMatrix> {
  const width = name === "lime" ? { width: limeWidth(x.columns) } : {};
  return (await explainBy(name, model, x, { ...width, ...options })).attributions;
}

/** The mean over rows of sum_j |w_j|. */
export function meanSize({ values, rows }: DenseMatrix): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / rows;
}

/** A finding with six significant digits: more than a check or a figure tells apart. */
export const rounded = (value: number): number => Number(value.toPrecision(6));

/** The mean of some numbers. */
export const meanOf = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
