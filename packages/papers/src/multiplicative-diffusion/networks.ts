import type { ArrayValue } from "@gradus/graph";
import { type CoordinateMoments, type DiffusionModel, diffusionModel } from "gradus/diffusion";
import { parseCheckpoint } from "gradus/iterate";
import type { ResidualMlpParameters, UNetParameters } from "gradus/nn";
import { digitNetworks, digitProcess, PIXELS, SIDE } from "./digits.ts";

interface Stored<P> {
  readonly parameters: P;
  readonly moments: CoordinateMoments;
}

/** The model of the digits that comes with the paper, with a residual perceptron of 64 numbers, made by `perceptronTraining`. */
export async function shippedPerceptron(): Promise<DiffusionModel<ResidualMlpParameters<ArrayValue>>> {
  const { network } = await import("./networks/residual-mlp.ts");
  const stored = parseCheckpoint(network) as Stored<ResidualMlpParameters<ArrayValue>>;
  return diffusionModel({
    process: digitProcess(),
    network: digitNetworks["residual-mlp"](),
    shape: [PIXELS],
    ...stored,
  });
}

/** The model of the digits that comes with the paper, with a U-Net of images [1, 8, 8], made by `uNetTraining`. */
export async function shippedUNet(): Promise<DiffusionModel<UNetParameters<ArrayValue>>> {
  const { network } = await import("./networks/u-net.ts");
  const stored = parseCheckpoint(network) as Stored<UNetParameters<ArrayValue>>;
  return diffusionModel({
    process: digitProcess(),
    network: digitNetworks["u-net"](),
    shape: [1, SIDE, SIDE],
    ...stored,
  });
}
