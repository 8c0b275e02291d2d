import { denseMatrix } from "gradus/linalg";
import { diffusionReaction, loadOperator } from "gradus/operators";
import { z } from "zod";
import type { Matrix } from "../experiment.ts";
import { type ControlValues, defineExploration } from "../explore.ts";
import { fromBase64 } from "../shared/base64.ts";
import { heatPlot } from "../shared/plots.ts";

/** Nodes a side that are drawn, of 100. */
const DRAWN = 20;

export const SOLUTION = "solution";
export const TRUE = "true solution";
export const LEARNED = "DeepONet";

const nodes = Float64Array.from({ length: DRAWN }, (_, i) => Math.round((99 * i) / (DRAWN - 1)) / 99);

/** (x, t), x fastest: the nodes that are drawn. */
export const gridLocations = denseMatrix(
  Float64Array.from({ length: 2 * DRAWN * DRAWN }, (_, k) => {
    const node = k >> 1;
    return nodes[k % 2 === 0 ? node % DRAWN : Math.floor(node / DRAWN)];
  }),
  DRAWN * DRAWN,
  2,
);

/** What rows and columns of the pictures are called. */
export const axisLabels = Array.from(nodes, (x) => x.toFixed(2));

export const solutionPlot = (title: string) =>
  heatPlot(SOLUTION, title, "x", "t", {
    series: [TRUE, LEARNED],
    color: { label: "s", kind: "diverging" },
  });

const heat = (values: ArrayLike<number>): Matrix => ({
  rows: axisLabels,
  columns: axisLabels,
  values: Array.from(values),
});

/** u(x) = strength exp(-(x - place)^2 / (2 width^2)) */
const sourceAt = ({ place, width, strength }: ControlValues, x: number) =>
  strength * Math.exp(-((x - place) ** 2) / (2 * width * width));

/** The trained network on a source that the reader moves, beside the scheme's solution. */
export const moveSource = defineExploration({
  title: "Move the source",
  description:
    "Move a source along the interval: the trained DeepONet computes the solution for all x and t at once, next to that of the numerical scheme.",
  controls: [
    { id: "place", label: "position of the source", minimum: 0, maximum: 1, step: 0.01, initial: 0.4 },
    { id: "width", label: "width of the source", minimum: 0.1, maximum: 0.5, step: 0.01, initial: 0.2 },
    { id: "strength", label: "strength of the source", minimum: -2, maximum: 2, step: 0.05, initial: 1 },
  ],
  plots: [solutionPlot("The solution for your source")],
  kept: z.object({ file: z.string() }),
  async open({ file }) {
    const operator = await loadOperator(fromBase64(file));
    const { sensors } = operator;
    const scheme = diffusionReaction();
    const grid = Float64Array.from({ length: 201 }, (_, i) => i / 200);
    return {
      async show(values) {
        const u = Float64Array.from(sensors, (x) => sourceAt(values, x));
        const sensorValues = denseMatrix(u, 1, sensors.length);
        const learned = await operator.evaluate({ sensorValues, locations: gridLocations, sensors });
        const solved = scheme.solve({ grid, values: grid.map((x) => sourceAt(values, x)) });
        const exact = Float64Array.from({ length: DRAWN * DRAWN }, (_, k) =>
          solved.value(0, gridLocations.values.subarray(2 * k, 2 * k + 2)),
        );
        return { [SOLUTION]: { [TRUE]: heat(exact), [LEARNED]: heat(learned.values.values) } };
      },
      close: () => operator.dispose(),
    };
  },
});
