import { useScalarBuilds } from "@gradus/blas/scalar";
import { afterEach, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { rastrigin } from "../../objectives/rastrigin.ts";
import { randomStream } from "../../random/stream.ts";
import { consensusBasedOptimization } from "./consensus-based-optimization.ts";
import { consensusStep, type NoiseKind } from "./consensus-step.ts";

afterEach(() => useScalarBuilds(false));

/** Where 40 particles of a run in 13 dimensions are after a step, all of them or one particle after the other. */
function moved(noiseKind: NoiseKind, maxRadius: number, oneByOne: boolean): Float64Array {
  const [count, d] = [40, 13];
  const stream = randomStream(3);
  const particles = stream.fillNormal(new Float64Array((count + 1) * d));
  const drift = { particles, at: d, consensus: stream.fillNormal(new Float64Array(d)), consensusAt: 0 };
  const noise = stream.fillNormal(new Float64Array(count * d));
  const rest = { dimension: d, pull: 0.01, scatter: 0.9, maxRadius };
  if (oneByOne)
    for (let i = 0; i < count; i++)
      consensusStep(noiseKind, count, {
        ...drift,
        ...rest,
        moving: Int32Array.of(i),
        noise: noise.subarray(i * d, (i + 1) * d),
      });
  else {
    const moving = Int32Array.from({ length: count }, (_, i) => i);
    consensusStep(noiseKind, count, { ...drift, ...rest, moving, noise });
  }
  return particles;
}

test.each([
  ["isotropic", Number.POSITIVE_INFINITY],
  ["isotropic", 0.5],
  ["anisotropic", Number.POSITIVE_INFINITY],
  ["anisotropic", 0.5],
] as const)(
  "%s steps, noise of distances up to %d: all at once as one by one, to the last bit",
  (kind, most) => {
    expect(moved(kind, most, false)).toEqual(moved(kind, most, true));
  },
);

test("runs are the same to the last bit with and without SIMD", async () => {
  const run = () =>
    solve(
      consensusBasedOptimization(rastrigin(13), {
        particles: { count: 40, lower: -3, upper: 3 },
        noiseKind: "isotropic",
        seed: 5,
      }),
      { maxIterations: 30 },
    );
  const { iterate } = await run();
  useScalarBuilds();
  expect((await run()).iterate.state).toEqual(iterate.state);
});
