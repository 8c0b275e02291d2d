import { parseCheckpoint } from "gradus/iterate";
import type { GridOperator } from "gradus/linalg/grids";
import { type NetworkDirection, networkDirection } from "gradus/operators";
import { type Architecture, networkOf, type Parameters } from "./training.ts";

/** Cells along each side of the squares for which a network comes with the paper. */
export const shippedSizes = [16, 32] as const;
/** Grids for which one comes with it: N x N cells, or a cube. */
export type ShippedGrid = (typeof shippedSizes)[number] | "16^3";

/** The architecture of the shipped networks: the authors' network for 64 cells per side with half of its filters. */
const shipped = { architecture: "64", filters: 8 } as const;

const modules = {
  16: () => import("./networks/cells-16.ts"),
  32: () => import("./networks/cells-32.ts"),
  "16^3": () => import("./networks/cells-16x16x16.ts"),
};

/** A trained network, and how its loss fell. */
export interface TrainedNetwork {
  readonly architecture: Architecture;
  readonly filters: number;
  readonly parameters: Parameters;
  /** Step, loss of the batches since the entry before, loss on the validation vectors. */
  readonly history: readonly (readonly [step: number, training: number | null, validation: number])[];
}

/** The network that was trained on a grid without obstacles. */
export async function shippedNetwork(grid: ShippedGrid): Promise<TrainedNetwork> {
  const { network, history } = await modules[grid]();
  return { ...shipped, parameters: parseCheckpoint(network) as Parameters, history };
}

/** A network as the source of directions for one operator. */
export function directionsOf(
  { architecture, filters, parameters }: Pick<TrainedNetwork, "architecture" | "filters" | "parameters">,
  A: GridOperator,
): Promise<NetworkDirection> {
  const model = networkOf(architecture, filters, A.shape.length === 3 ? 3 : 2);
  return networkDirection({ model, parameters, shape: A.shape, active: A.active });
}
