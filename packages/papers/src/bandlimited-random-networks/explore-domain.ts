import { fitRandomNetwork, randomUnits } from "gradus/nn/random-features";
import { z } from "zod";
import type { Point } from "../experiment.ts";
import { defineExploration } from "../explore.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { problemOf, sine } from "./targets.ts";

const POINTS = 200;
/** Relative size of the singular values that count. */
export const CUTOFF = 1e-8;
/** Errors below are drawn here. */
const FLOOR = 1e-10;

export const FIT = "random network";
export const TARGET = "target";
const MISS = "|target − network|";
export const SINGULAR = "singular values";
const CUT = "cutoff";
/** Smaller ones are rounding. */
const ROUNDING = 1e-18;

/** The largest |error| of each of this many equal parts, so that zero crossings do not hide it. */
const PARTS = 100;

function largestErrors(x: Float64Array, errors: Float64Array): Point[] {
  const size = Math.ceil(x.length / PARTS);
  return Array.from({ length: Math.ceil(x.length / size) }, (_, part) => {
    const most = errors
      .subarray(part * size, (part + 1) * size)
      .reduce((largest, error) => Math.max(largest, Math.abs(error)), FLOOR);
    return { x: x[Math.min(x.length - 1, part * size + (size >> 1))], y: most };
  });
}

/** A wave whose frequency a reader chooses, fitted by random units from a domain that they choose too. */
export const chooseDomain = defineExploration({
  title: "Choose a domain and a wave",
  description:
    "Move the domain of the hidden parameters, the number of units and the frequency of the wave: a random network is drawn and its output weights are fitted at once.",
  controls: [
    {
      id: "exponent",
      label: "log₁₀ λ, half-width of the domain",
      minimum: -0.3,
      maximum: 3.3,
      step: 0.1,
      initial: 0.3,
    },
    { id: "frequency", label: "frequency k of sin 2πkx", minimum: 1, maximum: 16, step: 0.5, initial: 4 },
    { id: "width", label: "hidden units", minimum: 10, maximum: 200, step: 10, initial: 100 },
  ],
  plots: [
    linePlot("fit", "The wave and the network", "x", "value", { series: [FIT], references: [TARGET] }),
    linePlot("error", "Where the network misses it", "x", logAxis("largest error nearby"), {
      series: [MISS],
    }),
    linePlot("rank", "What the units can tell apart", "index i", logAxis("singular value σᵢ/σ₁"), {
      series: [SINGULAR],
      references: [CUT],
    }),
  ],
  kept: z.object({ seed: z.number() }),
  async open({ seed }) {
    return {
      async show({ exponent, frequency, width }) {
        const slope = 10 ** exponent;
        const { x, y, test, testValues } = problemOf("wave", sine(frequency), POINTS);
        const units = randomUnits({ inputs: 1, width, slope, seed });
        const network = fitRandomNetwork({ x, y, units, relativeCutoff: CUTOFF });
        const values = network.predict(test);
        const errors = values.map((value, j) => value - testValues[j]);
        const singular = network.singularValues ?? new Float64Array(0);
        const curve = (ys: Float64Array) => Array.from(test.values, (at, j) => ({ x: at, y: ys[j] }));
        return {
          fit: { [FIT]: curve(values), [TARGET]: curve(testValues) },
          error: { [MISS]: largestErrors(test.values, errors) },
          rank: {
            [SINGULAR]: Array.from(singular, (value, i) => ({
              x: i + 1,
              y: Math.max(ROUNDING, value / singular[0]),
            })),
            [CUT]: [1, singular.length].map((i) => ({ x: i, y: CUTOFF })),
          },
        };
      },
      close() {},
    };
  },
});
