import { sizeWords } from "./facts.ts";

/** What the page calls the arguments of the library with which its messages begin. */
const WORDS: readonly (readonly [argument: RegExp, words: string])[] = [
  [/^(?:importOnnx|onnxGraph|loadOnnx|linearHead|replaceHead): /, ""],
  [/\bdata\.labels:?(?= )/g, "the labels"],
  [/\bdata\.inputs\.(\S+)(?= )/g, "the rows for $1"],
  [/\bconstants\.(\S+)(?= )/g, "the constant for $1"],
  [
    /; where the model has its rows along another axis, give that by batchAxes$/,
    "; choose the axis with the rows, or re-export the model with that dimension named “batch”",
  ],
  [/^batchSize(?= )/, "the batch size"],
  [/^validation(?=[: ])/, "the share of held-out rows"],
  [/^lora(?=[: ])/, "low-rank changes"],
  [/\b(?:f32|f64|i64|bool)(?=\[)/g, ""],
];

/** Where a row needs more memory than measuring the curvature may take. */
const TOO_LARGE = /^memoryLimit must be at least (\d+) bytes, the need of one row, got (\d+)$/;

/** A message of the library in the words of the page. */
export function pageWords(message: string): string {
  const [, need, limit] = TOO_LARGE.exec(message) ?? [];
  if (need !== undefined)
    return `this model is too large to measure its curvature here: one row needs ${sizeWords(Number(need))}, and at most ${sizeWords(Number(limit))} are used`;
  return WORDS.reduce((text, [argument, words]) => text.replace(argument, words), message);
}

/** What an error says. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
