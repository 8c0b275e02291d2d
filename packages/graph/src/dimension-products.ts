import { type Dimension, type Shape, sizeOfShape } from "./shape.ts";

/** A product of dimensions: its known factor and the names in alphabetical order, repeated ones included. */
interface Factors {
  readonly count: number;
  readonly names: readonly string[];
}

function factorsOf(dimensions: Shape): Factors {
  const parts = dimensions.flatMap((d) => String(d).split("*"));
  const isNumber = (part: string) => /^\d/.test(part);
  return {
    count: sizeOfShape(parts.filter(isNumber).map(Number)),
    names: parts.filter((part) => !isNumber(part)).sort(),
  };
}

function dimensionOf({ count, names }: Factors): Dimension {
  if (count === 0 || names.length === 0) return count;
  return [...(count === 1 ? [] : [count]), ...names].join("*");
}

/** The factors of a dimension that is a product, such as 12 and `batch` of `"12*batch"`; others are their own. */
export function factors(dimension: Dimension): readonly Dimension[] {
  const { count, names } = factorsOf([dimension]);
  return count === 1 && names.length > 0 ? names : [count, ...names];
}

/** The number of elements of a shape as one dimension: a number, a name, or a product such as `"12*batch"`. */
export function productOf(dimensions: Shape): Dimension {
  return dimensionOf(factorsOf(dimensions));
}

/** Whether two shapes have the same number of elements for any sizes of the named dimensions. */
export function countsAlike(a: Shape, b: Shape): boolean {
  return productOf(a) === productOf(b);
}

/**
 * The dimension that makes the elements of `whole` from those of `part`; undefined where there is none for all sizes of
 * the named dimensions.
 */
export function quotientOf(whole: Shape, part: Shape): Dimension | undefined {
  const [dividend, divisor] = [factorsOf(whole), factorsOf(part)];
  const count = dividend.count / divisor.count;
  const names = [...dividend.names];
  for (const name of divisor.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  return Number.isInteger(count) ? dimensionOf({ count, names }) : undefined;
}

/** A dimension as a number where the sizes of its names are known; undefined otherwise. */
export function resolved(dimension: Dimension, sizes: ReadonlyMap<string, number>): number | undefined {
  if (typeof dimension === "number") return dimension;
  const own = sizes.get(dimension);
  if (own !== undefined) return own;
  const { count, names } = factorsOf([dimension]);
  let size: number | undefined = count;
  for (const name of names) {
    const factor = sizes.get(name);
    size = size === undefined || factor === undefined ? undefined : size * factor;
  }
  return size;
}
