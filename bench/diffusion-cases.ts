import type { Case } from "./cases.ts";
import { diffusionSizes } from "./diffusion-sizes.ts";

const { plane, images, sampling } = diffusionSizes;
const SINGLE = 2e-4;

const training = (id: string, title: string): Case => ({
  id,
  title: `Diffusion model, ${title}: a training step with its noise, Adam and averaging`,
  unit: "step",
  contenders: [
    { peer: "gradus", program: id, label: "gradus" },
    { peer: "pytorch", program: id, label: "PyTorch" },
  ],
  budgets: [{ against: "PyTorch", atMost: 0.6 }],
  // of the networks' outputs: every peer draws noise of its own
  tolerance: SINGLE,
});

/** Networks that predict noise, and samples drawn with them. */
export const diffusionCases: readonly Case[] = [
  training(
    "diffusion-plane",
    `perceptron of ${plane.hidden.join(", ")} units on points of the plane, batch ${plane.batch}`,
  ),
  training(
    "diffusion-images",
    `U-Net of ${images.filters.join(" and ")} channels on ${images.side} x ${images.side} images, batch ${images.batch}`,
  ),
  {
    id: "diffusion-sampling",
    title: `Diffusion model, perceptron of ${plane.hidden.join(", ")} units: ${sampling.count.toLocaleString("en")} samples in ${sampling.steps} steps`,
    unit: "run",
    contenders: [
      { peer: "gradus", program: "diffusion-sampling", label: "gradus" },
      { peer: "pytorch", program: "diffusion-sampling", label: "PyTorch, in place" },
    ],
    budgets: [{ against: "PyTorch, in place", atMost: 1.5 }],
    tolerance: SINGLE,
  },
];
