import { type ArrayValue, flattenTree, isArrayValue } from "@gradus/graph";
import { timeMlp } from "gradus/diffusion";
import { uNet } from "gradus/nn";
import type { RandomStream } from "gradus/random";
import { diffusionSizes } from "./diffusion-sizes.ts";

const { plane, images } = diffusionSizes;

/** The networks, each with the sizes of its points. */
export const diffusionNetworks = {
  plane: { network: timeMlp({ inputs: 2, hidden: plane.hidden }), shape: [2] },
  images: {
    network: uNet({
      dimension: 2,
      channels: 1,
      filters: images.filters,
      blocks: 1,
      groups: 8,
      time: { features: 16, width: 32, maxPeriod: 20, scale: 3 },
    }),
    shape: [1, images.side, images.side],
  },
} as const;

/** Positive points, and the networks' parameters by their places. */
export function addDiffusionInputs(
  add: (name: string, value: ArrayValue) => void,
  stream: RandomStream,
): void {
  const { plane: onPlane, images: onImages } = diffusionNetworks;
  const start = (name: string) => ({ stream: stream.split(name).split("parameters") });
  const drawn = {
    plane: flattenTree(onPlane.network.parameters(start("plane")), isArrayValue),
    images: flattenTree(onImages.network.parameters(start("images")), isArrayValue),
  };
  for (const name of ["plane", "images"] as const) {
    const { leaves, paths } = drawn[name];
    leaves.forEach((leaf, i) => {
      add(`diffusion.${name}.${paths[i]}`, leaf);
    });
    const shape: readonly number[] = [diffusionSizes[name].points, ...diffusionNetworks[name].shape];
    const own = stream.split(name).split("points");
    const length = shape.reduce((product, one) => product * one, 1);
    const data = Float32Array.from({ length }, () => 1 + own.uniform());
    add(`diffusion.${name}.points`, { dtype: "f32", shape, data });
  }
}
