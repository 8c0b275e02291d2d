import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../compile.ts";
import { TypeMismatchError } from "../errors.ts";
import { f32, i64, input, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import { bitwiseAnd, bitwiseOr, bitwiseXor, shiftLeft, shiftRight } from "./bits.ts";

const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test("bits of 64-bit integers, also over a leading axis", async () => {
  using program = await compile(
    ({ a, b, by }) => ({
      and: bitwiseAnd(a, b),
      or: vmap((x: { a: Tensor; b: Tensor }) => bitwiseOr(x.a, x.b))({ a, b }),
      xor: bitwiseXor(a, b),
      left: shiftLeft(a, by),
      right: vmap((x: { a: Tensor; by: Tensor }) => shiftRight(x.a, x.by))({ a, by }),
    }),
    { a: i64(8), b: i64(8), by: i64(8) },
  );
  const eight = fc.array(integers, { minLength: 8, maxLength: 8 });
  const shifts = fc.array(fc.bigInt({ min: 0n, max: 63n }), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(eight, eight, shifts, async (a, b, by) => {
      const list = (values: readonly bigint[]) => BigInt64Array.from(values);
      const { and, or, xor, left, right } = await program.run({ a: list(a), b: list(b), by: list(by) });
      expect(and.data).toEqual(list(a.map((x, i) => x & b[i])));
      expect(or.data).toEqual(list(a.map((x, i) => x | b[i])));
      expect(xor.data).toEqual(list(a.map((x, i) => x ^ b[i])));
      expect(left.data).toEqual(list(a.map((x, i) => BigInt.asIntN(64, x << by[i]))));
      expect(right.data).toEqual(list(a.map((x, i) => BigInt.asIntN(64, BigInt.asUintN(64, x) >> by[i]))));
    }),
    { numRuns: 50 },
  );
});

test("floats have no bits", () => {
  const x = input("x", f32(2));
  expect(() => bitwiseAnd(x, x)).toThrow(TypeMismatchError);
});
