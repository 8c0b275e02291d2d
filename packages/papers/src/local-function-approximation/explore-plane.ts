import {
  explainBy,
  explainerNames,
  explainers,
  gaussianNeighborhood,
  maskNeighborhood,
} from "gradus/explain";
import { denseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { z } from "zod";
import type { Matrix, Point } from "../experiment.ts";
import { defineExploration } from "../explore.ts";
import { barPlot, dotPlot, heatPlot } from "../shared/plots.ts";
import { labelOf } from "./explaining.ts";
import { type Plane, planeAt, planeOf, surface, surfaceGrid } from "./plane.ts";

const SAMPLES = 300;
const grid = surfaceGrid(21);
const names = grid.side.map((x) => x.toFixed(1));
const series = {
  row: "explained point",
  noise: "noise (C-LIME, SmoothGrad)",
  masks: "masks (LIME)",
  path: "path (Integrated Gradients)",
};
const drawnPlanes = ["cLime", "lime", "integratedGradients"] as const;
const attributed = [
  { id: "slopes", family: "additive", title: "Slopes at your point", unit: "score per unit" },
  { id: "shares", family: "multiplicative", title: "Shares of the score at your point", unit: "score" },
] as const;

/** Rows from the top, as in a plane. */
const heat = (at: (k: number) => number): Matrix => {
  const n = names.length;
  return {
    rows: [...names].reverse(),
    columns: names,
    values: Array.from({ length: n * n }, (_, k) => at((n - 1 - Math.floor(k / n)) * n + (k % n))),
  };
};

const heightOf = (plane: Plane) => (k: number) =>
  planeAt(plane, grid.points.values[2 * k], grid.points.values[2 * k + 1]);

/** The neighborhoods of a point of the surface with the planes that are fitted there. */
export const movePoint = defineExploration({
  title: "Move the neighborhood",
  description:
    "Move the explained point of tanh(2x₁) + x₁x₂ and the widths of its neighborhoods: the planes that C-LIME, LIME and Integrated Gradients fit there, and the attributions of all eight, are computed at once.",
  controls: [
    { id: "x1", label: "x₁ of the point", minimum: -1, maximum: 1, step: 0.05, initial: 0.4 },
    { id: "x2", label: "x₂ of the point", minimum: -1, maximum: 1, step: 0.05, initial: -0.3 },
    { id: "sigma", label: "σ of the noise", minimum: 0.02, maximum: 1, step: 0.02, initial: 0.1 },
    { id: "width", label: "width ν of LIME’s kernel", minimum: 0.1, maximum: 2, step: 0.05, initial: 1 },
  ],
  plots: [
    dotPlot("neighborhoods", "Where the model is evaluated", "x₁", "x₂", { series: Object.values(series) }),
    heatPlot("planes", "The surface and the planes fitted to it", "x₁", "x₂", {
      series: ["surface", ...drawnPlanes.map(labelOf)],
      color: { label: "score", kind: "diverging" },
    }),
    ...attributed.map(({ id, title, unit }) =>
      barPlot(id, title, "explainer", unit, { series: ["x₁", "x₂"] }),
    ),
  ],
  kept: z.object({ seed: z.number() }),
  async open({ seed }) {
    return {
      async show({ x1, x2, sigma, width }) {
        const x0 = [x1, x2] as const;
        const { xi: noise } = gaussianNeighborhood({ sigma }).draw(2, SAMPLES, randomStream(seed));
        const { xi: masks } = maskNeighborhood().draw(2, SAMPLES, randomStream(seed));
        const rows = (count: number, at: (k: number) => Point): Point[] =>
          Array.from({ length: count }, (_, k) => at(k));
        const planes = await Promise.all(
          drawnPlanes.map((name) => planeOf(name, x0, { sigma, width, samples: SAMPLES, seed })),
        );
        const bars: Record<string, Record<string, Point[]>> = {};
        for (const { id, family } of attributed) {
          bars[id] = { "x₁": [], "x₂": [] };
          for (const name of explainerNames.filter((one) => explainers[one].family === family)) {
            const own =
              name === "lime" ? { width } : name === "cLime" || name === "smoothGrad" ? { sigma } : {};
            const { attributions } = await explainBy(name, surface, denseMatrix(x0, 1, 2), {
              ...own,
              samples: SAMPLES,
              seed,
            });
            bars[id]["x₁"].push({ x: labelOf(name), y: attributions.values[0] });
            bars[id]["x₂"].push({ x: labelOf(name), y: attributions.values[1] });
          }
        }
        return {
          neighborhoods: {
            [series.row]: [{ x: x1, y: x2 }],
            [series.noise]: rows(SAMPLES, (k) => ({
              x: x1 + noise.values[2 * k],
              y: x2 + noise.values[2 * k + 1],
            })),
            [series.masks]: rows(masks.rows, (k) => ({
              x: x1 * masks.values[2 * k],
              y: x2 * masks.values[2 * k + 1],
            })),
            [series.path]: rows(41, (k) => ({ x: (x1 * k) / 40, y: (x2 * k) / 40 })),
          },
          planes: {
            surface: heat((k) => grid.values[k]),
            ...Object.fromEntries(drawnPlanes.map((name, k) => [labelOf(name), heat(heightOf(planes[k]))])),
          },
          ...bars,
        };
      },
      close() {},
    };
  },
});
