import { blasAvailable } from "@gradus/blas";
import { softmaxRows } from "@gradus/blas/rows";
import { compiledFrom } from "../linalg/compiled.ts";
import { classMajor, softmaxOfRows } from "../losses/softmax.ts";

/** Overwrites scores, class by class, with probabilities and writes the losses: by vectors for many rows. */
export function softmaxOfScores(
  scores: Float64Array,
  classes: number,
  labels: Int32Array,
  losses: Float64Array,
): void {
  const rows = losses.length;
  if (rows < compiledFrom.lossRows || !blasAvailable())
    softmaxOfRows(scores, scores, classMajor(rows, classes), { labels, losses });
  else softmaxRows({ scores, classes, labels, losses });
}
