import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { type RandomState, type RandomStream, randomStream, randomStreamFrom } from "./stream.ts";

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

function draws(stream: RandomStream, n = 16): number[] {
  return Array.from({ length: n }, () => stream.uint32());
}

describe("randomStream", () => {
  test("starts from the four 32-bit words that SplitMix64 makes of the seed", () => {
    // 6457827717110365317 and 3203168211198807973, low half first
    expect(randomStream(1234567).state.words).toEqual([0xfb08fc85, 0x599ed017, 0x58540fa5, 0x2c73f084]);
  });

  test("gives the same numbers for the same seed and others for another", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(draws(randomStream(seed))).toEqual(draws(randomStream(seed)));
        expect(draws(randomStream(seed))).not.toEqual(draws(randomStream(seed === 0 ? 1 : seed - 1)));
      }),
    );
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])("rejects the seed %d", (seed) => {
    expect(() => randomStream(seed)).toThrow(ArgumentError);
  });

  test("shows a seed of another kind as what it is", () => {
    expect(() => randomStream("1" as unknown as number)).toThrow('got "1"');
    expect(() => randomStream(1n as unknown as number)).toThrow("got 1n");
  });
});

describe("split", () => {
  test("does not advance the parent and does not depend on how far the parent is", () => {
    fc.assert(
      fc.property(seeds, fc.string(), fc.nat(20), (seed, label, drawn) => {
        const fresh = randomStream(seed);
        const used = randomStream(seed);
        for (let i = 0; i < drawn; i++) used.normal();
        const before = used.state;
        expect(draws(used.split(label))).toEqual(draws(fresh.split(label)));
        expect(used.state).toEqual(before);
      }),
    );
  });

  test("gives different children for different labels, numbers and strings kept apart", () => {
    const stream = randomStream(3);
    const first = ["", "a", "b", "ab", "1", 1, 0, "0", 1.5, -1].map((label) => stream.split(label).uint32());
    expect(new Set(first).size).toBe(first.length);
    expect(draws(stream.split("a").split("b"))).not.toEqual(draws(stream.split("b").split("a")));
  });

  test("gives the streams that kept measurements were made with, also for labels beyond ASCII", () => {
    const stream = randomStream(3);
    const first = ["worker", "ü", "€😀", "\u007f", "\u0080"].map((label) => stream.split(label).uint32());
    expect(first).toEqual([1515314776, 2437113873, 1768882585, 3182493631, 2764199403]);
  });

  test("makes siblings, and parent and child, uncorrelated", () => {
    const n = 20_000;
    const parent = randomStream(4);
    const streams = [parent, parent.split(0), parent.split(1), parent.split(0).split(0)];
    const samples = streams.map((stream) => stream.fillNormal(new Float64Array(n)));
    for (let a = 0; a < samples.length; a++)
      for (let b = 0; b < a; b++) {
        const correlation = samples[a].reduce((sum, x, i) => sum + x * samples[b][i], 0) / n;
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n));
      }
  });

  test("first numbers over many labels are uniform", () => {
    // 1000 cells, 100 expected in each: chi-square with 999 degrees has mean 999 and deviation sqrt(1998)
    const cells = new Float64Array(1000);
    for (let i = 0; i < 100_000; i++) cells[randomStream(5).split(i).integer(1000)] += 1;
    const chiSquare = cells.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    expect(Math.abs(chiSquare - 999)).toBeLessThan(5 * Math.sqrt(1998));
  });
});

describe("state", () => {
  test("resumes bit for bit at any point, also through a checkpoint", () => {
    fc.assert(
      fc.property(seeds, fc.nat(9), (seed, drawn) => {
        const stream = randomStream(seed).split("worker");
        for (let i = 0; i < drawn; i++) stream.normal(); // odd counts leave a spare normal
        const stored = parseCheckpoint(serializeCheckpoint(stream.state)) as RandomState;
        const resumed = randomStreamFrom(stored);
        for (let i = 0; i < 8; i++) expect(resumed.normal()).toBe(stream.normal());
        expect(draws(resumed.split("x"))).toEqual(draws(stream.split("x")));
      }),
    );
  });

  test("is a copy", () => {
    const stream = randomStream(6);
    const { state } = stream;
    const expected = draws(stream);
    expect(draws(randomStreamFrom(state))).toEqual(expected);
  });

  test("that is none is rejected", () => {
    const { state } = randomStream(7);
    expect(() => randomStreamFrom({ ...state, words: [0, 0, 0, 0] })).toThrow("words must not be all zero");
    expect(() => randomStreamFrom({ ...state, words: [1, 2, 3] })).toThrow(DataError);
    expect(() => randomStreamFrom({ ...state, key: [1, 2, 3, -4] })).toThrow("got -4");
    expect(() => randomStreamFrom({ ...state, spareNormal: Number.NaN })).toThrow("spareNormal");
  });
});

describe("uniform", () => {
  test("is the 53 high bits of two words over 2^53", () => {
    const words = draws(randomStream(8), 2);
    const expected = (BigInt(words[0] >>> 5) << 26n) | BigInt(words[1] >>> 6);
    expect(BigInt(randomStream(8).uniform() * 2 ** 53)).toBe(expected);
  });

  test("stays in [low, high) even where the interval is one rounding step wide", () => {
    const stream = randomStream(9);
    for (let i = 0; i < 200; i++) expect(stream.uniform(1, 1 + Number.EPSILON)).toBe(1);
    for (let i = 0; i < 200; i++) {
      const x = stream.uniform(-3, 5);
      expect(x).toBeGreaterThanOrEqual(-3);
      expect(x).toBeLessThan(5);
    }
  });

  test("rejects an empty or endless interval", () => {
    expect(() => randomStream(1).uniform(2, 1)).toThrow("got 2 and 1");
    expect(() => randomStream(1).uniform(0, Number.POSITIVE_INFINITY)).toThrow(ArgumentError);
  });

  test("has a uniform distribution (Kolmogorov-Smirnov)", () => {
    const n = 100_000;
    const sorted = randomStream(10).fillUniform(new Float64Array(n)).sort();
    const distance = sorted.reduce((worst, x, i) => Math.max(worst, (i + 1) / n - x, x - i / n), 0);
    expect(distance * Math.sqrt(n)).toBeLessThan(1.95); // exceeded with probability 1e-3
  });
});

describe("integer", () => {
  test("is unbiased where 2^32 is far from a multiple of n", () => {
    // plain modulo would give the lower half twice the weight of the upper: n = 3/4 of 2^32
    const n = 3 * 2 ** 30;
    const stream = randomStream(11);
    let low = 0;
    for (let i = 0; i < 50_000; i++) if (stream.integer(n) < n / 3) low += 1;
    expect(Math.abs(low / 50_000 - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / 50_000));
  });

  test("stays below n, up to 2^53", () => {
    const stream = randomStream(12);
    expect(stream.integer(1)).toBe(0);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 53 - 1 }), (n) => {
        const x = stream.integer(n);
        expect(Number.isInteger(x) && x >= 0 && x < n).toBe(true);
      }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 54])("rejects n = %d", (n) => {
    expect(() => randomStream(1).integer(n)).toThrow(ArgumentError);
  });
});

describe("permutation, shuffle and choice", () => {
  test("a permutation holds every number once", () => {
    fc.assert(
      fc.property(seeds, fc.nat(200), (seed, n) => {
        expect(randomStream(seed).permutation(n).sort()).toEqual(Int32Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  test("all 24 orders of 4 items are equally likely", () => {
    const stream = randomStream(13);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = stream.shuffle(["a", "b", "c", "d"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(49.7); // 23 degrees of freedom, exceeded with probability 1e-3
  });

  test("choice takes every item, and needs one", () => {
    const stream = randomStream(14);
    const seen = new Set(Array.from({ length: 100 }, () => stream.choice(["x", "y", "z"])));
    expect([...seen].sort()).toEqual(["x", "y", "z"]);
    expect(() => stream.choice([])).toThrow(ArgumentError);
    expect(() => stream.permutation(-1)).toThrow(ArgumentError);
  });
});

describe("filling", () => {
  test("float32 uniforms stay below 1 and use all 24 bits", () => {
    const values = randomStream(15).fillUniform(new Float32Array(100_000));
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(values.some((x) => (x * 2 ** 24) % 2 === 1)).toBe(true);
  });

  test("fills with the numbers that single calls give, however the array is cut", () => {
    // 256 numbers are one block of the filling loop
    const lengths = fc.array(fc.constantFrom(0, 1, 2, 7, 255, 256, 257, 600), { maxLength: 6 });
    fc.assert(
      fc.property(lengths, (pieces) => {
        const filling = randomStream(16);
        const single = randomStream(16);
        for (const length of pieces) {
          const expected = Array.from({ length }, () => single.normal());
          expect(Array.from(filling.fillNormal(new Float64Array(length)))).toEqual(expected);
        }
        expect(filling.state).toEqual(single.state);
      }),
    );
  });
});
