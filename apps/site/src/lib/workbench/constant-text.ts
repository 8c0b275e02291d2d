const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));

/** A constant as the command line takes it: a number, or several that commas separate; undefined for other text. */
export function constantOf(text: string): number | number[] | undefined {
  const parts = text.split(",");
  if (!parts.every(isNumber)) return undefined;
  const numbers = parts.map(Number);
  return numbers.length === 1 ? numbers[0] : numbers;
}
