import { expect, test } from "vitest";
import { BlasArgumentError, DisposedError } from "../errors.ts";
import { sharedHeap } from "../memory.ts";
import { uniform, vector, withBothBuilds } from "../testing.ts";
import { anisotropicSteps, isotropicSteps } from "./steps.ts";
import { Swarm, type SwarmMove, type Ziggurat } from "./swarm.ts";

/** xoshiro128** 1.1 by its definition, in integers without bounds. */
function xoshiro(words: Int32Array): number {
  const mask = 0xffffffffn;
  const turned = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const s = Array.from(words, (word) => BigInt(word >>> 0));
  const result = (turned((s[1] * 5n) & mask, 7n) * 9n) & mask;
  const t = (s[1] << 9n) & mask;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = turned(s[3], 11n);
  for (const [k, word] of s.entries()) words[k] = Number(BigInt.asIntN(32, word));
  return Number(result);
}

/** Layers of arbitrary widths, half of whose draws are completed, by a number that depends on what was drawn. */
const ziggurat: Ziggurat = {
  layers: Float64Array.from({ length: 512 }, (_, k) =>
    k % 2 === 0 ? 2 ** -53 * (1 + k / 512) : (1 + k / 512) / 2,
  ),
  block: 7,
  settle: (words, layer, x) => x + layer + xoshiro(words) / 2 ** 32,
  fill: (words, into) => into.set(noiseOf(words, into.length)),
};

/** What `ziggurat` gives, a number after the other. */
function noiseOf(words: Int32Array, length: number): Float64Array {
  const noise = new Float64Array(length);
  for (let start = 0; start < length; start += ziggurat.block) {
    const open: [index: number, layer: number][] = [];
    for (let k = start; k < Math.min(length, start + ziggurat.block); k++) {
      const [high, low] = [xoshiro(words), xoshiro(words)];
      const layer = high % 256;
      noise[k] = (((high | 0) >> 10) * 2 ** 32 + low) * ziggurat.layers[2 * layer];
      if (Math.abs(noise[k]) >= ziggurat.layers[2 * layer + 1]) open.push([k, layer]);
    }
    for (const [k, layer] of open) noise[k] = ziggurat.settle(words, layer, noise[k]);
  }
  return noise;
}

const streamsOf = (runs: number) => {
  const next = uniform(9);
  return Array.from({ length: runs }, () => Int32Array.from({ length: 4 }, () => 2 ** 31 * next()));
};

test.each([
  [1, 1, 1, [0]],
  [3, 5, 2, [0, 1, 2]],
  [4, 7, 3, [0, 1, 2, 3]],
  [6, 4, 5, [0, 1, 2, 3, 4, 5]],
  [6, 4, 20, [1, 2, 3, 4, 5]],
  [9, 3, 1, [8, 0]],
  [7, 9, 1, [0, 1, 2, 3, 4, 5, 6]],
])(
  "%i runs of %i particles in %i dimensions: one call is as many steps, to the last bit",
  (runs, count, d, moving) => {
    withBothBuilds(() => {
      const size = count * d;
      const [start, centers] = [vector(runs * size, 1), vector(runs * d, 2)];
      const step = { pull: 0.1, scatter: 0.7, most: 0.4 };
      for (const noiseKind of ["isotropic", "anisotropic"] as const) {
        const [particles, streams] = [start.slice(), streamsOf(runs)];
        const [expected, others] = [start.slice(), streamsOf(runs)];
        const swarm = new Swarm(runs, count, d);
        for (let k = 0; k < 2; k++) {
          swarm.move({ noiseKind, particles, centers, moving, streams, ziggurat, ...step });
          for (const run of moving) {
            const own = expected.subarray(run * size, (run + 1) * size);
            const center = centers.subarray(run * d, (run + 1) * d);
            const noise = noiseOf(others[run], size);
            (noiseKind === "isotropic" ? isotropicSteps : anisotropicSteps)({
              ...step,
              particles: own,
              center,
              noise,
            });
          }
          expect(particles).toEqual(expected);
          expect(streams).toEqual(others);
        }
        for (const run of moving) {
          const gaps = Array.from(expected.subarray(run * size, (run + 1) * size), (x, k) =>
            Math.abs(x - centers[run * d + (k % d)]),
          );
          expect(swarm.spread(run, centers)).toBe(Math.max(...gaps));
        }
      }
    });
  },
);

test("a particle that is not a number is left out of the spread", () => {
  withBothBuilds(() => {
    const swarm = new Swarm(1, 3, 1);
    const particles = Float64Array.of(1, Number.NaN, -3);
    const still = { pull: 0, scatter: 0, most: 1, noiseKind: "anisotropic" } as const;
    const centers = Float64Array.of(0);
    swarm.move({ ...still, particles, centers, moving: [0], streams: streamsOf(1), ziggurat });
    expect([...particles]).toEqual([1, Number.NaN, -3]);
    expect(swarm.spread(0, centers)).toBe(3);
  });
});

test("rejects sizes, lengths, runs and streams that do not fit", () => {
  expect(() => new Swarm(0, 1, 1)).toThrow("runs must be an integer >= 1, got 0");
  expect(() => new Swarm(1, 1.5, 1)).toThrow("count must be an integer >= 1, got 1.5");
  const swarm = new Swarm(2, 3, 2);
  const fitting: SwarmMove = {
    ...{ noiseKind: "isotropic", particles: new Float64Array(12), centers: new Float64Array(4) },
    ...{ moving: [0, 1], streams: streamsOf(2), ziggurat, pull: 0.1, scatter: 1, most: 1 },
  };
  const moved = (change: Partial<SwarmMove>) => () => swarm.move({ ...fitting, ...change });
  expect(moved({ particles: new Float64Array(6) })).toThrow(BlasArgumentError);
  expect(moved(JSON.parse('{ "noiseKind": "normal" }'))).toThrow(
    "noiseKind must be isotropic or anisotropic",
  );
  expect(moved(JSON.parse('{ "pull": "1" }'))).toThrow('pull must be a number, got "1"');
  expect(moved(JSON.parse('{ "drift": 1 }'))).toThrow("drift");
  expect(moved({ centers: new Float64Array(2) })).toThrow("centers must");
  expect(moved({ moving: [2] })).toThrow("moving must be numbers of 2 runs, got 2");
  expect(moved({ streams: streamsOf(1) })).toThrow("streams[1] must be an Int32Array of 4 words");
  expect(moved({ ziggurat: { ...ziggurat, layers: new Float64Array(256) } })).toThrow("ziggurat.layers must");
  expect(() => swarm.spread(0, new Float64Array(2))).toThrow("centers must");
  expect(() => swarm.spread(2, new Float64Array(4))).toThrow("run must be an integer from 0 to 1, got 2");
});

test("`using` gives the memory back, and what is used afterwards says so", () => {
  const before = sharedHeap().sizes.size;
  let kept: Swarm;
  {
    using swarm = new Swarm(2, 3, 2);
    kept = swarm;
    expect(sharedHeap().sizes.size).toBe(before + 2);
  }
  expect(sharedHeap().sizes.size).toBe(before);
  kept.dispose();
  expect(sharedHeap().sizes.size).toBe(before);
  expect(() => kept.spread(0, new Float64Array(4))).toThrow(DisposedError);
  const move: SwarmMove = {
    ...{ noiseKind: "isotropic", particles: new Float64Array(12), centers: new Float64Array(4) },
    ...{ moving: [0], streams: streamsOf(2), ziggurat, pull: 0.1, scatter: 1, most: 1 },
  };
  expect(() => kept.move(move)).toThrow("a swarm of 2 x 3 particles was used after it was disposed of");
});
