import type { Emitter } from "../onnx/emit.ts";
import type { Dimension } from "../shape.ts";

/** A tensor of the model with a letter for each dimension. */
interface Lettered {
  readonly name: string;
  readonly letters: string;
}

const without = (letters: string, others: string) => [...letters].filter((l) => !others.includes(l)).join("");
const within = (letters: string, others: string) => [...letters].filter((l) => others.includes(l)).join("");

/** Writes sums of products of tensors whose dimensions have letters by transposes and products of matrices. */
class Products {
  readonly #emit: Emitter;
  readonly #sizes: ReadonlyMap<string, Dimension>;

  constructor(emit: Emitter, sizes: ReadonlyMap<string, Dimension>) {
    this.#emit = emit;
    this.#sizes = sizes;
  }

  transposed({ name, letters }: Lettered, order: string): string {
    if (letters === order) return name;
    return this.#emit.node("Transpose", [name], { perm: [...order].map((l) => letters.indexOf(l)) });
  }

  /** The shape with one dimension for each group of letters. */
  grouped(name: string, groups: readonly string[]): string {
    if (groups.every((group) => group.length === 1)) return name;
    const sizes = groups.map((group) => [...group].map((letter) => this.#sizes.get(letter)!));
    const known = sizes.map((group) => {
      if (group.length === 1) return group[0];
      return group.every((size) => typeof size === "number") ? group.reduce((a, b) => a * b, 1) : undefined;
    });
    const isWhole = (shape: readonly (Dimension | undefined)[]): shape is readonly Dimension[] =>
      !shape.includes(undefined);
    const vector = isWhole(known)
      ? this.#emit.shapeVector(known)
      : this.#emit.node(
          "Concat",
          sizes.map((group, i) => {
            const size = known[i];
            if (size !== undefined) return this.#emit.shapeVector([size]);
            return this.#emit.node("ReduceProd", [this.#emit.shapeVector(group)], { keepdims: 1 });
          }),
          { axis: 0 },
        );
    return this.#emit.node("Reshape", [name, vector], { allowzero: 1 });
  }

  /** The inverse of grouping. */
  ungrouped(name: string, groups: readonly string[], letters: readonly string[]): string {
    if (groups.every((group) => group.length === 1)) return name;
    return this.#emit.node(
      "Reshape",
      [name, this.#emit.shapeVector(letters.map((l) => this.#sizes.get(l)!))],
      {
        allowzero: 1,
      },
    );
  }

  /** Summed over the letters that are not kept. */
  summed(x: Lettered, kept: string): Lettered {
    const axes = [...x.letters].map((_, axis) => axis).filter((axis) => !kept.includes(x.letters[axis]));
    if (axes.length === 0) return x;
    const name = this.#emit.node("ReduceSum", [x.name, this.#emit.integers(axes)], { keepdims: 0 });
    return { name, letters: within(x.letters, kept) };
  }

  /** The product of two tensors, summed over the letters that both have and that are not kept. */
  product(a: Lettered, b: Lettered, kept: string): Lettered {
    const both = within(a.letters, b.letters);
    const batch = within(both, kept);
    const inner = without(both, kept);
    const rows = without(a.letters, b.letters);
    const columns = without(b.letters, a.letters);
    const letters = batch + rows + columns;
    if (inner === "") {
      const first = this.grouped(this.transposed(a, batch + rows), [
        ...batch,
        ...rows,
        ...[...columns].map(() => ""),
      ]);
      const second = this.grouped(this.transposed(b, batch + columns), [
        ...batch,
        ...[...rows].map(() => ""),
        ...columns,
      ]);
      return { name: this.#emit.node("Mul", [first, second]), letters };
    }
    const result = [...batch, ...rows, ...columns];
    if (batch === "") {
      // A Gemm takes matrices as they stand: with the inner letters last or first.
      const [aLast, bLast] = [a.letters === rows + inner, b.letters === columns + inner];
      const left = this.grouped(
        this.transposed(a, aLast ? rows + inner : inner + rows),
        aLast ? [rows, inner] : [inner, rows],
      );
      const right = this.grouped(
        this.transposed(b, bLast ? columns + inner : inner + columns),
        bLast ? [columns, inner] : [inner, columns],
      );
      const matrix = this.#emit.node("Gemm", [left, right], { transA: aLast ? 0 : 1, transB: bLast ? 1 : 0 });
      return { name: this.ungrouped(matrix, [rows, columns], result), letters };
    }
    const left = this.grouped(this.transposed(a, batch + rows + inner), [...batch, rows, inner]);
    const right = this.grouped(this.transposed(b, batch + inner + columns), [...batch, inner, columns]);
    const matrices = this.#emit.node("MatMul", [left, right]);
    return { name: this.ungrouped(matrices, [...batch, rows, columns], result), letters };
  }
}

/**
 * Lowers a sum of products, two operands at a time from left to right. (ONNX Runtime's Einsum ends the process where a
 * dimension is 0.)
 *
 * @param sizes the dimension that each letter stands for
 */
export function lowerEinsum(
  emit: Emitter,
  operands: readonly Lettered[],
  output: string,
  sizes: ReadonlyMap<string, Dimension>,
): string {
  const products = new Products(emit, sizes);
  const lettersFrom = (i: number) =>
    operands
      .slice(i)
      .map(({ letters }) => letters)
      .join("");
  const others = (i: number) => output + operands.map((x, j) => (i === j ? "" : x.letters)).join("");
  const result = operands
    .map((x, i) => products.summed(x, others(i)))
    .reduce((sofar, x, i) => products.product(sofar, x, output + lettersFrom(i + 1)));
  return products.transposed(result, output);
}
