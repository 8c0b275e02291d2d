import type { ArrayValue } from "@gradus/graph";
import type { ModelLossName } from "./objective.ts";

/** A binary entropy in nats. */
const entropy = (p: number) => (p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0);

/** The entropy of the shares of the classes. */
function classEntropy({ data }: ArrayValue): number {
  const counts = new Map<number, number>();
  for (const label of data) counts.set(Number(label), (counts.get(Number(label)) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum -= (count / data.length) * Math.log(count / data.length);
  return sum;
}

/**
 * The smallest mean loss of one prediction for all rows: the variance of the labels, or the entropy of their shares.
 *
 * @param labels one row a label, of classes or of the output's numbers
 */
export function constantLoss(labels: ArrayValue, loss: ModelLossName): number {
  if (loss === "cross-entropy") return classEntropy(labels);
  const { data, shape } = labels;
  const [rows] = shape;
  const width = data.length / rows;
  let total = 0;
  for (let j = 0; j < width; j++) {
    let [mean, squares] = [0, 0];
    for (let i = 0; i < rows; i++) mean += Number(data[i * width + j]) / rows;
    for (let i = 0; i < rows; i++) squares += (Number(data[i * width + j]) - mean) ** 2 / rows;
    total += (loss === "squared" ? squares : entropy(mean)) / width;
  }
  return total;
}
