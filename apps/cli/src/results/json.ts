/** JSON has no word for what is not finite, and would write null. */
const word = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isFinite(value) ? { $gradus: "number", value: String(value) } : value;

/** The text of a JSON file; `parseCheckpoint` reads it with infinities and NaN, written as `serializeCheckpoint` does. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, word, 2)}\n`;
}
