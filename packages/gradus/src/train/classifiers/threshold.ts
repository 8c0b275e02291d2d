import { ArgumentError, DataError } from "../../check/errors.ts";
import { assertClasses } from "../../losses/metric/metric-loss.ts";
import { type MetricName, metricByName } from "../../losses/metric/metrics.ts";
import { assertBinaryLabels } from "../../losses/metric/soft-confusion-matrix.ts";

/**
 * The decision threshold that maximizes a metric of hard predictions p > threshold: all the distinct ones are tried,
 * each midway between two neighboring probabilities; of equals the lowest.
 *
 * @param probabilities in [0, 1], of the rows to choose on (usually the training rows)
 * @param labels 0 or 1 per row
 * @returns the threshold, and the metric there
 * @throws ArgumentError when lengths differ or there is no metric of that name
 * @throws DataError when there is no row, a label is not 0 or 1 or a probability not in [0, 1]
 * @throws MissingClassError when no row has a label without which the metric is undefined, or 0 at every threshold
 */
export function tuneThreshold(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  metric: MetricName,
): { readonly threshold: number; readonly score: number } {
  const n = probabilities.length;
  if (labels.length !== n)
    throw new ArgumentError(
      `labels must have one number for each of ${n} probabilities, got ${labels.length}`,
    );
  if (n === 0) throw new DataError("probabilities must have at least one row, got none");
  assertBinaryLabels(labels);
  const wrong = probabilities.findIndex((p) => !(p >= 0 && p <= 1));
  if (wrong >= 0)
    throw new DataError(`probabilities must be in [0, 1], got ${probabilities[wrong]} in row ${wrong}`);
  assertClasses(metric, labels);
  const { score } = metricByName(metric);
  const order = Int32Array.from(probabilities.keys()).sort((a, b) => probabilities[a] - probabilities[b]);
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (let i = 0; i < n; i++) counts[labels[i] === 1 ? "tp" : "fp"] += 1;
  // No threshold in [0, 1] lies below a probability of 0.
  let best = { threshold: 0, score: probabilities[order[0]] > 0 ? score(counts) : Number.NEGATIVE_INFINITY };
  for (let k = 0; k < n; k++) {
    if (labels[order[k]] === 1) {
      counts.tp -= 1;
      counts.fn += 1;
    } else {
      counts.fp -= 1;
      counts.tn += 1;
    }
    const here = probabilities[order[k]];
    const next = k + 1 < n ? probabilities[order[k + 1]] : 1;
    if (k + 1 < n && next === here) continue;
    const value = score(counts);
    // Between adjacent numbers the middle may round up, and a threshold of `next` would reject its rows.
    const middle = (here + next) / 2;
    if (value > best.score) best = { threshold: middle < next ? middle : here, score: value };
  }
  return best;
}
