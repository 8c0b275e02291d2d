import { ShapeError } from "./errors.ts";
import { checkShape, type Dimension, type Shape, sizeOfShape } from "./shape.ts";

/**
 * A dimension as a polynomial: the integer coefficient of each product of names, which is written in alphabetical order
 * (`a*b`, or empty for the constant).
 */
type Polynomial = ReadonlyMap<string, number>;

/** A damaged or hostile file may multiply sums without bound. */
const MOST_TERMS = 64;

const namesIn = (product: string) => (product === "" ? [] : product.split("*"));

const productOfNames = (...products: readonly string[]) => products.flatMap(namesIn).sort().join("*");

/** Adds a multiple of a product of names. */
function accumulate(polynomial: Map<string, number>, product: string, count: number): void {
  const sum = (polynomial.get(product) ?? 0) + count;
  if (sum === 0) polynomial.delete(product);
  else polynomial.set(product, sum);
  if (polynomial.size > MOST_TERMS)
    throw new ShapeError(`a dimension is a sum of more than ${MOST_TERMS} products of named dimensions`);
}

function polynomialOf(dimension: Dimension): Polynomial {
  const result = new Map<string, number>();
  if (typeof dimension === "number") {
    if (dimension !== 0) result.set("", dimension);
    return result;
  }
  for (const term of dimension.match(/[+-]?[^+-]+/g) ?? []) {
    const factors = term.replace(/^[+-]/, "").split("*");
    const isNumber = (factor: string) => /^\d/.test(factor);
    const count = sizeOfShape(factors.filter(isNumber).map(Number));
    const names = factors.filter((factor) => !isNumber(factor));
    accumulate(result, productOfNames(...names), term.startsWith("-") ? -count : count);
  }
  return result;
}

/** From the highest degree to the constant, alphabetically within a degree: an order that products respect. */
function compareProducts(a: string, b: string): number {
  return namesIn(b).length - namesIn(a).length || (a < b ? -1 : a > b ? 1 : 0);
}

const inOrder = (polynomial: Polynomial) => [...polynomial].sort(([a], [b]) => compareProducts(a, b));

/** The one way to write a dimension, positive terms first: equal dimensions are equal texts. */
function dimensionOf(polynomial: Polynomial): Dimension {
  if (polynomial.size === 0) return 0;
  const constant = polynomial.get("");
  if (polynomial.size === 1 && constant !== undefined) return constant;
  const terms = inOrder(polynomial);
  return [...terms.filter(([, count]) => count > 0), ...terms.filter(([, count]) => count < 0)]
    .map(([product, count], i) => {
      const size = Math.abs(count);
      const sign = count < 0 ? "-" : i === 0 ? "" : "+";
      return `${sign}${size === 1 && product !== "" ? product : [size, ...namesIn(product)].join("*")}`;
    })
    .join("");
}

function multiplied(a: Polynomial, b: Polynomial): Polynomial {
  const result = new Map<string, number>();
  for (const [left, count] of a)
    for (const [right, times] of b) accumulate(result, productOfNames(left, right), count * times);
  return result;
}

/** a + times b */
function combined(a: Polynomial, b: Polynomial, times: number): Polynomial {
  const result = new Map(a);
  for (const [product, count] of b) accumulate(result, product, times * count);
  return result;
}

/** A sum of products: each term's known factor and its names, repeated ones included. */
export function termsOf(
  dimension: Dimension,
): readonly { readonly count: number; readonly names: readonly string[] }[] {
  return inOrder(polynomialOf(dimension)).map(([product, count]) => ({ count, names: namesIn(product) }));
}

/** The names that occur in a dimension. */
export function namesOf(dimension: Dimension): string[] {
  return [...new Set(termsOf(dimension).flatMap(({ names }) => names))];
}

/** The number of elements of a shape as one dimension: a number, a name, or a polynomial such as `"12*batch"`. */
export function productOf(dimensions: Shape): Dimension {
  // The product of 0 and a negative number is -0.
  if (dimensions.every((d) => typeof d === "number")) return sizeOfShape(dimensions) + 0;
  return dimensionOf(dimensions.map(polynomialOf).reduce(multiplied, polynomialOf(1)));
}

/** The size of two parts together, such as `"past+sequence"`. */
export function sumOf(a: Dimension, b: Dimension): Dimension {
  return dimensionOf(combined(polynomialOf(a), polynomialOf(b), 1));
}

/** What is left of `a` without `b`, such as `"sequence-1"`; negative where b is larger. */
export function differenceOf(a: Dimension, b: Dimension): Dimension {
  return dimensionOf(combined(polynomialOf(a), polynomialOf(b), -1));
}

/**
 * Whether a dimension is at least 0, or at most 0, for all sizes of the names; undefined where that depends on them.
 */
export function signOf(dimension: Dimension): 1 | -1 | undefined {
  const counts = [...polynomialOf(dimension).values()];
  return counts.every((count) => count >= 0) ? 1 : counts.every((count) => count <= 0) ? -1 : undefined;
}

/**
 * Whether a dimension is at least 0, or less than 0, for all sizes of the names from 1 on; undefined where that depends
 * on them.
 */
export function signOfPositive(dimension: Dimension): 1 | -1 | undefined {
  // With 1 + n for each name n, which is then 0 or more.
  const shifted = dimensionOf(
    termsOf(dimension).reduce<Polynomial>((sum, { count, names }) => {
      const product = names.map((name) => polynomialOf(sumOf(name, 1))).reduce(multiplied, polynomialOf(1));
      return combined(sum, product, count);
    }, new Map()),
  );
  const sign = signOf(shifted);
  return sign === -1 && shifted !== 0 && (polynomialOf(shifted).get("") ?? 0) === 0 ? undefined : sign;
}

/** Whether two dimensions are equal; undefined where that depends on the sizes of the names. */
export function areEqual(a: Dimension, b: Dimension): boolean | undefined {
  if (a === b) return true;
  const difference = differenceOf(a, b);
  if (difference === 0) return true;
  const constant = polynomialOf(difference).get("") ?? 0;
  return constant !== 0 && signOf(difference) !== undefined ? false : undefined;
}

/**
 * A signature with its dimensions as they are written everywhere: `"sequence+past"` is `"past+sequence"`.
 *
 * @throws ShapeError unless all dimensions are non-negative integers, names or sums of products of them
 */
export function checkSignature(argument: string, shape: Shape): Dimension[] {
  return checkShape(argument, shape).map((d) => productOf([d]));
}

/** Whether two shapes have the same number of elements for any sizes of the named dimensions. */
export function countsAlike(a: Shape, b: Shape): boolean {
  return productOf(a) === productOf(b);
}

/** What product of names makes `whole` from `part`; undefined where there is none. */
function quotientOfNames(whole: string, part: string): string | undefined {
  const names = namesIn(whole);
  for (const name of namesIn(part)) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  return names.join("*");
}

/**
 * The dimension that makes the elements of `whole` from those of `part`; undefined where there is none for all sizes of
 * the named dimensions.
 */
export function quotientOf(whole: Shape, part: Shape): Dimension | undefined {
  let rest = polynomialOf(productOf(whole));
  const divisor = polynomialOf(productOf(part));
  if (divisor.size === 0) return undefined;
  const [[lead, leading]] = inOrder(divisor);
  const quotient = new Map<string, number>();
  // Long division: each step takes the highest product away.
  while (rest.size > 0) {
    const [[product, count]] = inOrder(rest);
    const names = quotientOfNames(product, lead);
    if (names === undefined || count % leading !== 0) return undefined;
    accumulate(quotient, names, count / leading);
    rest = combined(rest, multiplied(divisor, new Map([[names, count / leading]])), -1);
  }
  return dimensionOf(quotient);
}

/** A dimension as a number where the sizes of its names are known; undefined otherwise. */
export function resolved(dimension: Dimension, sizes: ReadonlyMap<string, number>): number | undefined {
  if (typeof dimension === "number") return dimension;
  return sizes.get(dimension) ?? evaluated(dimension, (name) => sizes.get(name));
}

/** A dimension where each name has a size; undefined where one has none. */
export function evaluated(
  dimension: Dimension,
  sizeOf: (name: string) => number | undefined,
): number | undefined {
  let total = 0;
  for (const { count, names } of termsOf(dimension)) {
    const sizes = names.map(sizeOf);
    if (!sizes.every((size) => size !== undefined)) return undefined;
    total += count * sizeOfShape(sizes);
  }
  return total;
}
