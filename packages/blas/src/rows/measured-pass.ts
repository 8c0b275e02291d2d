import { checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { figuresOfMargins, type MarginFigures, padded } from "./logistic.ts";

/** What a pass of the perceptron that measures tells. */
export interface MeasuredPass extends MarginFigures {
  /** How often theta was changed. */
  readonly updates: number;
}

/** Vectors of a pass: labels, theta before it, and what is overwritten by theta after it. */
interface PassVectors {
  readonly labels: Float64Array;
  readonly theta: Float64Array;
  readonly next: Float64Array;
}

/** Their addresses; `changed` is a copy of theta. */
interface PassPlaces {
  readonly signs: number;
  readonly changed: number;
  readonly margins: number;
}

/** A pass of the perceptron, which writes margins and returns the number of updates, with the figures of the margins. */
export function measuredPass(
  { labels, theta, next }: PassVectors,
  rows: number,
  columns: number,
  pass: (frame: Frame, places: PassPlaces) => number,
): MeasuredPass {
  checkVector("labels", labels, rows);
  checkVector("theta", theta, columns);
  checkVector("next", next, columns);
  return withFrame("a pass of the perceptron", (frame) => {
    const [signs, changed] = [frame.copy(labels), frame.copy(theta)];
    const margins = frame.numbers(padded(rows));
    const updates = pass(frame, { signs, changed, margins });
    copyVectorOut(frame, changed, next);
    return { updates, ...figuresOfMargins(frame, rows, margins) };
  });
}
