import { compile, constant, f64, specsOf, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { constantWeights, zeroWeights } from "../initializers.ts";
import { directionNetwork } from "./direction-network.ts";
import { assertGradient, countOf, normals } from "./test-support.ts";

const stream = randomStream(1);

test.each([
  ["64 cells a side in three dimensions", { dimension: 3 }, 97_457],
  ["128 cells a side in three dimensions", { dimension: 3, pre: 3, coarse: 4, fine: 3 }, 139_025],
  ["64 cells a side in two dimensions", { dimension: 2 }, 32_657],
  ["quick runs", { dimension: 2, filters: 8, pre: 1, coarse: 2, fine: 1 }, 4761],
] as const)("the network for %s has the number of parameters that its authors' has", (_, options, count) => {
  const model = directionNetwork({ ...options, initializer: zeroWeights });
  expect(countOf(model.parameters({ stream }))).toBe(count);
});

test("with all weights 1 and a single filter it sums neighbors, skips included, as worked out by hand", async () => {
  const model = directionNetwork({
    dimension: 1,
    filters: 1,
    pre: 1,
    coarse: 1,
    fine: 1,
    initializer: constantWeights(1),
  });
  const parameters = model.parameters({ stream, dtype: "f64" });
  using program = await compile(({ p, x }) => model.apply(p, x), { p: specsOf(parameters), x: f64(1, 1, 4) });
  // first (1,1,0,0), a (2,2,1,0), b (4,5,3,1); averages 4.5, 2; block 6.5 -> 13 twice, plus the skip: 17.5, 15;
  // up and skip (21.5, 22.5, 18, 16); inner (44, 62, 56.5, 34), outer (106, 162.5, 152.5, 90.5), plus the skip.
  const y = await program.run({ p: parameters, x: Float64Array.of(1, 0, 0, 0) });
  expect(toNumbers(y)).toStrictEqual([127.5, 185, 170.5, 106.5]);
});

test.each([1, 2, 3] as const)(
  "its gradient in %i dimensions is that of central differences",
  async (dimension) => {
    const model = directionNetwork({ dimension, filters: 2, pre: 2, coarse: 1, fine: 1 });
    const { shape, data } = normals(2, [2, 1, ...new Array<number>(dimension).fill(4)]);
    await assertGradient(
      model.parameters({ stream, dtype: "f64" }),
      (p) => model.apply(p, constant(data, shape)),
      {
        step: 1e-6,
        tolerance: 1e-5,
      },
    );
  },
);
