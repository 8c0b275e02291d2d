import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { z } from "zod";
import type { Matrix, Point } from "../experiment.ts";
import { defineExploration } from "../explore.ts";
import { heatPlot, linePlot, logAxis } from "../shared/plots.ts";
import { directionsOf, type TrainedNetwork } from "./networks.ts";
import { domainOf, plumeAt } from "./problems.ts";
import { residualField } from "./residual-field.ts";
import { learnedFor, NETWORK, solverFor } from "./solvers.ts";
import type { Parameters } from "./training.ts";

const CG = "CG";
const series = [NETWORK, CG];
/** The pictures need no more digits than this. */
const TIGHT = 1e-6;

const keptSchema = z.object({
  N: z.int(),
  architecture: z.enum(["small", "64", "128"]),
  filters: z.int(),
  parameters: z.string(),
});

/** What the exploration needs of a network for N x N cells: plain JSON. */
export const keptNetwork = (
  { architecture, filters, parameters }: TrainedNetwork,
  N: number,
): z.infer<typeof keptSchema> => ({ N, architecture, filters, parameters: serializeCheckpoint(parameters) });

/** The residuals of both solvers for a plume that a reader moves around the disk. */
export const movePlume = defineExploration({
  title: "Move the plume",
  description:
    "Move the source of the plume around the disk and choose the iteration: conjugate gradients, alone and with the network’s directions, are run from the start at once.",
  controls: [
    { id: "x", label: "x of the source", minimum: 0.05, maximum: 0.95, step: 0.05, initial: 0.5 },
    { id: "y", label: "y of the source", minimum: 0.05, maximum: 0.95, step: 0.05, initial: 0.8 },
    { id: "iterations", label: "iterations", minimum: 0, maximum: 30, step: 1, initial: 8 },
  ],
  plots: [
    heatPlot("moved", "Residual after these iterations", "x, cell", "y, cell", {
      series,
      color: { label: "log₁₀ of |r| / max |b|; blank at −6 or less", kind: "sequential" },
    }),
    linePlot("history", "Residual up to there", "Iteration", logAxis("‖r‖ / ‖r₀‖"), { series }),
  ],
  kept: keptSchema,
  async open({ N, architecture, filters, parameters }) {
    const A = domainOf("disk", N, 0);
    const network = { architecture, filters, parameters: parseCheckpoint(parameters) as Parameters };
    const source = await directionsOf(network, A);
    const cells = Array.from({ length: N }, (_, i) => String(i + 1));
    return {
      async show({ x, y, iterations }) {
        const b = plumeAt([y, x], A);
        const moved: Record<string, Matrix> = {};
        const history: Record<string, Point[]> = {};
        const methods = {
          [NETWORK]: learnedFor(source, A, b, { relativeTolerance: TIGHT }),
          [CG]: solverFor(CG, A, b, TIGHT),
        };
        for (const [name, method] of Object.entries(methods)) {
          history[name] = [];
          for await (const iterate of method) {
            const { iteration, residualNorm, done } = iterate;
            history[name].push({ x: iteration, y: residualNorm });
            if (!done && iteration < iterations) continue;
            const field = Array.from(residualField(A, b, iterate.x), (size) =>
              Number.isNaN(size) ? null : size,
            );
            moved[name] = { rows: cells, columns: cells, values: field };
            break;
          }
          const [{ y: first }] = history[name];
          history[name] = history[name].map((point) => ({ x: point.x, y: point.y / first }));
        }
        return { moved, history };
      },
      close: () => source[Symbol.dispose](),
    };
  },
});
