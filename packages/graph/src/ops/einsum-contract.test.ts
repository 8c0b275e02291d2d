import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f64 } from "../tensor.ts";
import { numbers } from "./derivative-harness.ts";
import { einsum } from "./einsum.ts";

const kernels = (model: Uint8Array) => {
  const text = new TextDecoder("latin1").decode(model);
  return ["Einsum", "Gemm", "MatMul"].filter((name) => text.includes(name));
};

test.each([
  ["axy,bxy->ab", [], "Gemm"],
  ["axy,bxy->ba", [], "Gemm"],
  ["gaxy,gbxy->gab", [1], "Gemm"],
  ["gaxy,gbxy->gba", [3], "MatMul"],
] as const)("%s, groups %j, is one product of matrices", async (equation, groups, kernel) => {
  const [a, b, n, y] = [2, 4, 5, 3];
  using program = await compile(({ u, v }) => einsum(equation, u, v), {
    u: f64(...groups, a, "n", y),
    v: f64(...groups, b, "n", y),
  });
  expect(kernels(program.model)).toStrictEqual([kernel]);

  const next = numbers(3);
  const count = groups[0] ?? 1;
  const draw = (rows: number) => Float64Array.from({ length: count * rows * n * y }, () => next() - 0.5);
  const [u, v] = [draw(a), draw(b)];
  const result = await program.run({ u: array(u, [...groups, a, n, y]), v: array(v, [...groups, b, n, y]) });

  const swapped = equation.endsWith("ba");
  expect(result.shape).toStrictEqual([...groups, ...(swapped ? [b, a] : [a, b])]);
  const numbersOf = toNumbers(result);
  for (let g = 0; g < count; g++)
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++) {
        let wanted = 0;
        for (let k = 0; k < n * y; k++) wanted += u[(g * a + i) * n * y + k] * v[(g * b + j) * n * y + k];
        const place = swapped ? j * a + i : i * b + j;
        expect(numbersOf[g * a * b + place]).toBeCloseTo(wanted, 13);
      }
});

test("other sums of products are products of matrices too, for Einsum ends the process where a size is 0", async () => {
  const model = async (equation: string, ...shapes: number[][]) => {
    const specs = shapes.map((shape) => f64(...shape));
    using program = await compile(({ x }) => einsum(equation, ...x), { x: specs });
    return kernels(program.model);
  };
  expect(await model("axy,byx->ab", [2, 3, 4], [2, 4, 3])).toStrictEqual(["Gemm"]);
  expect(await model("axy,bxy->a", [2, 3, 4], [5, 3, 4])).toStrictEqual(["Gemm"]);
  expect(await model("gax,hbx->gab", [2, 3, 4], [2, 3, 4])).toStrictEqual(["Gemm"]);
});
