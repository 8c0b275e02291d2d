/** Integers of fewer than 32 bits: how many values the type has, and the least of them. */
interface NarrowIntegers {
  readonly count: number;
  readonly least: number;
}

const narrow: Readonly<Record<number, NarrowIntegers>> = {
  2: { count: 2 ** 8, least: 0 },
  3: { count: 2 ** 8, least: -(2 ** 7) },
  4: { count: 2 ** 16, least: 0 },
  5: { count: 2 ** 16, least: -(2 ** 15) },
};

/** The values of an ONNX element type of 8 or 16 bits; undefined for any other. */
export function narrowIntegers(elementType: number): NarrowIntegers | undefined {
  return Object.hasOwn(narrow, elementType) ? narrow[elementType] : undefined;
}
