import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { runtime as wasm } from "../runtime/browser.ts";
import { runtime as native } from "../runtime/node.ts";
import { f32 } from "../tensor.ts";
import { averagePool } from "./index.ts";

/** The means of tiles, of the tile that each entry is in. */
function means(values: Float32Array, sizes: readonly number[], tile: readonly number[]): number[] {
  const counts = sizes.map((size, i) => size / tile[i]);
  const entries = sizes.reduce((a, b) => a * b, 1);
  const tiles = counts.reduce((a, b) => a * b, 1);
  const sums = new Array<number>((values.length / entries) * tiles).fill(0);
  values.forEach((value, at) => {
    let rest = at % entries;
    let place = 0;
    let stride = 1;
    for (let i = sizes.length - 1; i >= 0; i--) {
      place += stride * Math.floor((rest % sizes[i]) / tile[i]);
      rest = Math.floor(rest / sizes[i]);
      stride *= counts[i];
    }
    sums[Math.floor(at / entries) * tiles + place] += value;
  });
  const size = tile.reduce((a, b) => a * b, 1);
  return sums.map((sum) => sum / size);
}

describe.each([
  ["native", native],
  ["WebAssembly", wasm],
])("float32 averages of tiles (%s)", (_, runtime) => {
  test.each([
    [
      [3, 4, 6],
      [2, 2],
    ],
    [
      [2, 3, 6, 4],
      [3, 2],
    ],
    [
      [2, 4, 6],
      [1, 2],
    ],
    [
      [2, 4, 6],
      [4, 1],
    ],
    [[3, 8], [4]],
    [
      [2, 2, 4, 6],
      [2, 2, 2],
    ],
  ] as const)("%j by %j, entries in front and none", async (shape, size) => {
    const named = ["n", ...shape.slice(1)];
    using program = await compile((x) => averagePool(x, { size }), f32(...named), { runtime });
    const text = new TextDecoder("latin1").decode(program.model);
    expect(text).not.toContain("AveragePool");
    for (const leading of [shape[0], 0]) {
      const given = [leading, ...shape.slice(1)];
      const count = given.reduce((a, b) => a * b, 1);
      const x = Float32Array.from({ length: count }, (_, i) => ((5 * i) % 17) - 8);
      const wanted = means(x, shape.slice(-size.length), size);
      const result = await program.run(array(x, given));
      expect(result.shape).toStrictEqual([
        ...given.slice(0, -size.length),
        ...size.map((n, i) => shape[shape.length - size.length + i] / n),
      ]);
      toNumbers(result).forEach((value, i) => {
        expect(value).toBeCloseTo(wanted[i], 6);
      });
    }
  });

  test("keep NaN and infinity in their tiles", async () => {
    using program = await compile((x) => averagePool(x, { size: [2, 2] }), f32(2, 6), { runtime });
    const x = Float32Array.of(NaN, 1, 2, 2, Infinity, 1, 1, 1, 2, 2, 1, 1);
    expect(toNumbers(await program.run(array(x, [2, 6])))).toStrictEqual([NaN, 2, Infinity]);
  });
});

test("windows that overlap, leave entries or have many are left to the kernel", async () => {
  for (const [size, strides] of [
    [3, 2],
    [4, 4],
    [5, 5],
  ] as const) {
    using program = await compile((x) => averagePool(x, { size: [size, size], strides }), f32(1, 10, 10));
    expect(new TextDecoder("latin1").decode(program.model)).toContain("AveragePool");
  }
});
