import { array } from "@gradus/graph";
import { compareExplanations } from "gradus/explain";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { z } from "zod";
import { defineExploration } from "../explore.ts";
import { ROW, type RowTable } from "../row-choice.ts";
import { heatPlot } from "../shared/plots.ts";
import { labelOf } from "./explaining.ts";
import { explainable, type SplitSet, shareOf, type TrainedNetwork } from "./models.ts";

const SAMPLES = 500;
/** Rows that are kept to choose from. */
const ROWS = 30;

const keptSchema = z.object({
  set: z.enum(["synthetic", "diabetes", "breast-cancer", "digits"]),
  architecture: z.enum(["linear", "A", "B", "C"]),
  names: z.array(z.string()),
  /** Of each feature, least and largest value: the network's inputs are the shares between them. */
  ranges: z.array(z.tuple([z.number(), z.number()])),
  layers: z.array(z.object({ weights: z.array(z.number()), bias: z.array(z.number()) })),
  rows: z.array(z.array(z.number())),
  seed: z.number(),
});

/** What the exploration needs of a network and the rows that it explains: plain JSON. */
export function keptNetwork(
  { set, architecture, parameters }: TrainedNetwork,
  names: readonly string[],
  ranges: SplitSet["ranges"],
  { columns, values, rows: count }: DenseMatrix,
  seed: number,
): z.infer<typeof keptSchema> {
  const layers = parameters.layers.map(({ weights, bias }) => ({
    weights: Array.from(weights.data, Number),
    bias: Array.from(bias.data, Number),
  }));
  const rows = Array.from({ length: Math.min(ROWS, count) }, (_, i) =>
    ranges.map(([low, high], j) => low + (high - low) * values[i * columns + j]),
  );
  return {
    ...{ set, architecture, layers, rows, seed },
    names: [...names],
    ranges: ranges.map(([low, high]) => [low, high]),
  };
}

/** The eight explanations of a row that the reader chooses. */
export const chooseRow = defineExploration({
  title: "Choose a row",
  description:
    "Choose a row of the test set, or of a file of your own, and the widths of the neighborhoods: all eight explanations of the network’s probability, each divided by its largest attribution, and how well they agree.",
  controls: [
    { id: "sigma", label: "σ of the noise", minimum: 0.02, maximum: 1, step: 0.02, initial: 0.1 },
    { id: "width", label: "width ν of LIME’s kernel", minimum: 0.3, maximum: 3, step: 0.1, initial: 1.2 },
  ],
  plots: [
    heatPlot("attributions", "Attributions of your row, side by side", "explainer", "feature", {
      color: { label: "share of the largest attribution", kind: "diverging" },
    }),
    heatPlot("agreement", "Agreement of the explanations of your row", "explainer", "explainer", {
      color: { label: "cosine distance", kind: "sequential" },
    }),
  ],
  kept: keptSchema,
  async open({ set, architecture, names, ranges, layers, rows, seed }) {
    const inputs = names.length;
    const parameters = {
      layers: layers.map(({ weights, bias }) => ({
        weights: array(Float64Array.from(weights), [weights.length / bias.length, bias.length]),
        bias: array(Float64Array.from(bias), [bias.length]),
      })),
    };
    const model = await explainable({ set, architecture, inputs, parameters, testError: Number.NaN });
    let table: RowTable = { columns: names, rows };
    return {
      choice: {
        table: () => table,
        replace(own) {
          table = { columns: names, rows: own };
        },
      },
      async show({ [ROW]: row, sigma, width }) {
        const shares = table.rows[row].map((value, j) => shareOf(value, ranges[j]));
        const found = await compareExplanations(model, denseMatrix(shares, 1, inputs), {
          ...{ sigma, width, samples: SAMPLES, seed },
        });
        const labels = found.names.map(labelOf);
        const columns = found.explanations.map(({ attributions: { values } }) => {
          const largest = Math.max(...values.map(Math.abs)) || 1;
          return values.map((value) => value / largest);
        });
        return {
          attributions: {
            attributions: {
              rows: names,
              columns: labels,
              values: names.flatMap((_, j) => columns.map((own) => own[j])),
            },
          },
          agreement: {
            agreement: {
              rows: labels,
              columns: labels,
              values: Array.from(found.cosine.values, (value) => (Number.isFinite(value) ? value : null)),
            },
          },
        };
      },
      close: () => model.dispose(),
    };
  },
});
