import { compile, f32, f64, floatData, vmap } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { constantSchedule } from "./constant.ts";
import { cosineDecay } from "./cosine-decay.ts";
import { exponentialDecay } from "./exponential-decay.ts";
import { inverseTimeDecay } from "./inverse-time-decay.ts";
import { joinSchedules } from "./join.ts";
import { piecewiseConstant } from "./piecewise-constant.ts";
import { polynomialDecay } from "./polynomial-decay.ts";
import type { Schedule } from "./schedule.ts";
import { warmUp } from "./warm-up.ts";

const table: readonly [string, Schedule, readonly (readonly [count: number, value: number])[]][] = [
  [
    "constant",
    constantSchedule(0.3),
    [
      [0, 0.3],
      [1e6, 0.3],
    ],
  ],
  [
    "exponential",
    exponentialDecay({ initial: 8, factor: 0.5, counts: 10 }),
    [
      [0, 8],
      [10, 4],
      [30, 1],
      [5, 8 / Math.SQRT2],
    ],
  ],
  [
    "(1/T)^(t/T)",
    exponentialDecay({ initial: 1, factor: 1 / 16, counts: 16 }),
    [
      [0, 1],
      [4, 0.5],
      [16, 1 / 16],
    ],
  ],
  [
    "1/t",
    inverseTimeDecay({ initial: 3, counts: 2 }),
    [
      [0, 3],
      [2, 1.5],
      [4, 1],
    ],
  ],
  [
    "1/sqrt(t + 1)",
    inverseTimeDecay({ initial: 6, power: 0.5 }),
    [
      [0, 6],
      [3, 3],
      [8, 2],
      [99, 0.6],
    ],
  ],
  [
    "line",
    polynomialDecay({ initial: 1, final: 0.5, counts: 100 }),
    [
      [0, 1],
      [50, 0.75],
      [100, 0.5],
      [999, 0.5],
    ],
  ],
  [
    "square",
    polynomialDecay({ initial: 4, counts: 10, power: 2 }),
    [
      [0, 4],
      [5, 1],
      [10, 0],
      [11, 0],
    ],
  ],
  [
    "cosine",
    cosineDecay({ initial: 3, final: 1, counts: 12 }),
    [
      [0, 3],
      [3, 2 + Math.SQRT1_2],
      [4, 2.5],
      [6, 2],
      [12, 1],
      [40, 1],
    ],
  ],
  [
    "piecewise constant",
    piecewiseConstant({ values: [1, 0.1, 0.01], boundaries: [2, 5] }),
    [
      [0, 1],
      [1, 1],
      [2, 0.1],
      [4, 0.1],
      [5, 0.01],
    ],
  ],
  [
    // Constant for the first half, a line to a hundredth at 90 percent, then flat.
    "three parts",
    joinSchedules(
      [
        constantSchedule(0.1),
        polynomialDecay({ initial: 0.1, final: 0.001, counts: 40 }),
        constantSchedule(0.001),
      ],
      [50, 90],
    ),
    [
      [0, 0.1],
      [49, 0.1],
      [50, 0.1],
      [70, 0.0505],
      [90, 0.001],
      [100, 0.001],
    ],
  ],
  [
    // Linear over w = 10, then (1 + cos(pi (s - w)/(d - w)))/2 from the peak to the least, d = 110.
    "warm-up and cosine",
    warmUp(cosineDecay({ initial: 0.05, final: 0.005, counts: 100 }), { counts: 10 }),
    [
      [0, 0],
      [5, 0.025],
      [10, 0.05],
      [60, 0.0275],
      [110, 0.005],
    ],
  ],
];

test.each(table)(
  "%s has its closed form's values, as a plain function and in the graph",
  async (_, schedule, points) => {
    for (const [count, value] of points) expect(schedule(count)).toBeCloseTo(value, 14);
    const counts = Float64Array.from({ length: 121 }, (_, i) => i);
    const largest = Math.max(...counts.map((count) => schedule(count)));
    for (const [spec, tolerance] of [
      [f64, 1e-14],
      [f32, 1e-6],
    ] as const) {
      using program = await compile((t) => vmap(schedule)(t), spec(counts.length));
      const inGraph = floatData(await program.run(spec === f32 ? Float32Array.from(counts) : counts));
      counts.forEach((count, i) => {
        expect(Math.abs(inGraph[i] - schedule(count))).toBeLessThanOrEqual(tolerance * largest);
      });
    }
  },
);

test("what is no schedule is refused by name", () => {
  expect(() => constantSchedule(Number.NaN)).toThrow(ArgumentError);
  expect(() => exponentialDecay({ initial: 1, factor: 0 })).toThrow(
    /factor must be a positive number, got 0/,
  );
  expect(() => cosineDecay({ initial: 1, counts: -1 })).toThrow(/counts must be a positive number, got -1/);
  expect(() => polynomialDecay({ initial: Number.POSITIVE_INFINITY, counts: 1 })).toThrow(
    /initial must be a finite number, got Infinity/,
  );
  expect(() => piecewiseConstant({ values: [1, 2], boundaries: [] })).toThrow(
    /boundaries must have 1 numbers, one fewer/,
  );
  expect(() => piecewiseConstant({ values: [1, 2, 3], boundaries: [4, 4] })).toThrow(/got 4 after 4/);
  expect(() => joinSchedules([], [])).toThrow(/at least one schedule, got none/);
});
