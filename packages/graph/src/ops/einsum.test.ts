import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { ShapeError, TypeMismatchError } from "../errors.ts";
import { f64, i64, input, type Tensor } from "../tensor.ts";
import {
  assertDerivatives,
  assertSecondDerivatives,
  assertVectorized,
  atRandomSizes,
  type Case,
  evaluate,
  numbers,
  randomArray,
} from "./derivative-harness.ts";
import * as ops from "./index.ts";

const equations = [
  "ij,jk->ik",
  "ij,jk",
  "ij->ji",
  "ij->i",
  "ij->",
  "ij,ij->",
  "i,j->ij",
  "ijk,kj->i",
  "bij,bjk->bik",
  "ik,k,jk->ij",
  "i,j->",
  "ij,kj->kij",
  ",ij->j",
];

const sizeOf = (letter: string, n: number, m: number, k: number) =>
  letter === "i" ? n : letter === "j" ? m : letter === "k" ? k : 2;
const subscripts = (equation: string) => equation.split("->")[0].split(",");

const cases = equations.map(
  (equation): Case => ({
    name: equation,
    shapes: (n, m, k) =>
      subscripts(equation).map((letters) => [...letters].map((letter) => sizeOf(letter, n, m, k))),
    f: (...x) => ops.einsum(equation, ...x),
  }),
);

describe("derivatives against central differences, and the rule for a leading axis", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    await atRandomSizes((sizes) => assertDerivatives(c, sizes), 3);
    await atRandomSizes((sizes) => assertSecondDerivatives(c, sizes), 2);
    await atRandomSizes((sizes) => assertVectorized(c, sizes), 2);
  });
});

/** The sum of products over all assignments of numbers to letters. */
function bySummation(equation: string, inputs: readonly { shape: readonly number[]; data: unknown }[]) {
  const sizes = new Map<string, number>();
  const letters = subscripts(equation);
  letters.forEach((subscript, i) => {
    [...subscript].forEach((letter, axis) => {
      sizes.set(letter, inputs[i].shape[axis]);
    });
  });
  const output = equation.split("->")[1];
  const all = [...sizes.keys()];
  const place = (subscript: string, at: ReadonlyMap<string, number>) =>
    [...subscript].reduce((offset, letter) => offset * sizes.get(letter)! + at.get(letter)!, 0);
  const total = (subscript: string) => [...subscript].reduce((size, letter) => size * sizes.get(letter)!, 1);
  const result = new Float64Array(total(output));
  for (let step = 0; step < total(all.join("")); step++) {
    let rest = step;
    const at = new Map<string, number>();
    for (const letter of all) {
      at.set(letter, rest % sizes.get(letter)!);
      rest = Math.floor(rest / sizes.get(letter)!);
    }
    let product = 1;
    letters.forEach((subscript, i) => {
      product *= (inputs[i].data as Float64Array)[place(subscript, at)];
    });
    result[place(output, at)] += product;
  }
  return result;
}

test("values are sums over all assignments of numbers to letters", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...equations.filter((equation) => equation.includes("->"))),
      fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 4 }))),
      fc.integer(),
      async (equation, [n, m, k], seed) => {
        const next = numbers(seed);
        const inputs = subscripts(equation).map((letters) =>
          randomArray(
            [...letters].map((letter) => sizeOf(letter, n, m, k)),
            next,
          ),
        );
        const result = toNumbers(await evaluate((...x) => ops.einsum(equation, ...x), inputs));
        bySummation(equation, inputs).forEach((value, i) => {
          expect(Math.abs(result[i] - value)).toBeLessThan(1e-13);
        });
      },
    ),
    { seed: 20260103, numRuns: 40 },
  );
});

test("without an arrow the result has the letters that appear once, in alphabetical order", async () => {
  const a = array(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const transposed = await evaluate((x) => ops.einsum("ba", x), [a]);
  expect(toNumbers(transposed)).toStrictEqual([1, 4, 2, 5, 3, 6]);
  const upperFirst = await evaluate((x) => ops.einsum("aB", x), [a]);
  expect(upperFirst.shape).toStrictEqual([3, 2]);
});

test("a batch of unknown size, down to none", async () => {
  const f = (x: Tensor, w: Tensor) => ops.einsum("bi, ij -> bj", x, w);
  using program = await compile(
    ({ x, w }) => ({ value: f(x, w), slope: gradient((v: Tensor) => ops.sum(f(x, v)))(w) }),
    { x: f64("batch", 2), w: f64(2, 1) },
  );
  const some = await program.run({ x: Float64Array.of(1, 2, 3, 4), w: Float64Array.of(10, 1) });
  expect(toNumbers(some.value)).toStrictEqual([12, 34]);
  expect(toNumbers(some.slope)).toStrictEqual([4, 6]);
  const none = await program.run({ x: array(new Float64Array(0), [0, 2]), w: Float64Array.of(10, 1) });
  expect(none.value.shape).toStrictEqual([0, 1]);
  expect(toNumbers(none.slope)).toStrictEqual([0, 0]);
});

test("what does not fit is refused by name", () => {
  const x = input("x", f64(2, 3));
  const refused: [string, RegExp, ...Tensor[]][] = [
    ["ii->i", /repeats a letter within "ii"/, x],
    ["...i->i", /ellipsis/, x],
    ["ij,jk->ik", /is for 2 operands, got 1/, x],
    ["ij->k", /has "k" in the result but in no operand/, x],
    ["ij->ii", /repeats a letter in the result/, x],
    ["i->i", /names 1 dimensions, operand 0 is \[2, 3\]/, x],
    ["ij,ik->jk", /"i" of "ij,ik->jk" is 2 and, in operand 1, 3/, x, ops.transpose(x)],
    ["i1->i", /must have the form/, x],
    ["i->j->k", /must have the form/, x],
  ];
  for (const [equation, message, ...operands] of refused) {
    expect(() => ops.einsum(equation, ...operands)).toThrow(ShapeError);
    expect(() => ops.einsum(equation, ...operands)).toThrow(message);
  }
  expect(() => ops.einsum("i,i", input("i", i64(2)), input("j", i64(2)))).toThrow(TypeMismatchError);
});
