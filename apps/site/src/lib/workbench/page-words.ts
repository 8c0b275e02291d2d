/** What the page calls the arguments of the library with which its messages begin. */
const WORDS: readonly (readonly [argument: RegExp, words: string])[] = [
  [/^(?:importOnnx|onnxGraph|loadOnnx|linearHead|replaceHead): /, ""],
  [/\bdata\.labels:?(?= )/g, "the labels"],
  [/\bdata\.inputs\.(\S+)(?= )/g, "the rows for $1"],
  [/^batchSize(?= )/, "the batch size"],
  [/^validation(?=[: ])/, "the share of held-out rows"],
  [/^lora(?=[: ])/, "low-rank changes"],
  [/\b(?:f32|f64|i64|bool)(?=\[)/g, ""],
];

/** A message of the library in the words of the page. */
export const pageWords = (message: string): string =>
  WORDS.reduce((text, [argument, words]) => text.replace(argument, words), message);
