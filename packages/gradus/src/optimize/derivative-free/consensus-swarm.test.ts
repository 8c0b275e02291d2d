import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { rastrigin } from "../../objectives/rastrigin.ts";
import { randomStream } from "../../random/stream.ts";
import { consensusBasedOptimization } from "./consensus-based-optimization.ts";
import { consensusStep } from "./consensus-step.ts";
import { movedTogether } from "./consensus-swarm.ts";

// blocks of 1,024 draws, several blocks, and runs that do not fill four lanes
test.each([
  ["isotropic", 6, 40, 13],
  ["anisotropic", 2, 170, 15],
] as const)(
  "%s steps of %i runs of %i particles in R^%i are those run by run, to the last bit",
  (noiseKind, runs, count, d) => {
    const numbers = randomStream(7);
    const start = numbers.fillNormal(new Float64Array(runs * count * d));
    const consensus = numbers.fillNormal(new Float64Array(runs * d));
    const streamsOf = () => Array.from({ length: runs }, (_, m) => randomStream(1).split(m));
    const [streams, others] = [streamsOf(), streamsOf()];
    const together = movedTogether({ runs, count, dimension: d }, streams);
    const [particles, expected] = [start.slice(), start.slice()];
    const noise = new Float64Array(count * d);
    const everyone = Int32Array.from({ length: count }, (_, i) => i);
    const step = { noiseKind, pull: 0.01, scatter: 0.9, maxRadius: 0.8 };
    const active = Array.from({ length: runs - 1 }, (_, m) => m + 1);
    for (const moving of [[0, ...active], active]) {
      together?.move({ particles, consensus }, moving, step);
      for (const m of moving) {
        others[m].fillNormalZiggurat(noise);
        const at = { particles: expected, at: m * count * d, consensus, consensusAt: m * d, dimension: d };
        consensusStep(noiseKind, count, { ...step, ...at, moving: everyone, noise });
      }
    }
    expect(particles).toEqual(expected);
    expect(streams.map((stream) => stream.state)).toEqual(others.map((stream) => stream.state));
  },
);

test("a box around everything changes no bit", async () => {
  const run = (bounds?: { lower: number; upper: number }) =>
    solve(
      consensusBasedOptimization(rastrigin(13), {
        ...{ particles: { count: 40, lower: -3, upper: 3 }, bounds, noiseKind: "anisotropic" },
        ...{ runs: 3, seed: 5, kickTolerance: 0.01 },
      }),
      { maxIterations: 30 },
    );
  const { iterate } = await run();
  expect((await run({ lower: -1e9, upper: 1e9 })).iterate.state).toEqual(iterate.state);
});
