import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { type ExplainOptions, type Explanation, explain, type LocalApproximation } from "../explain.ts";
import { checkGradients, checkModel, type ExplainableModel } from "../models/contract.ts";
import { gaussianNeighborhood, scalingNeighborhood } from "../neighborhoods/continuous.ts";
import { maskNeighborhood, removalNeighborhood, shapleyNeighborhood } from "../neighborhoods/masks.ts";
import {
  gradientTimesInputFormula,
  integratedGradientsFormula,
  smoothGradFormula,
  vanillaGradientsFormula,
} from "./gradients.ts";
import { limeFormula } from "./lime.ts";
import { type ExplainerOptions, type FormulaCall, formulaCall } from "./options.ts";
import { cLimeFormula, occlusionFormula } from "./removal.ts";
import { kernelShapFormula } from "./shapley.ts";

/** The names of the eight explainers: the multiplicative family first, then the additive one. */
export const explainerNames = [
  "lime",
  "kernelShap",
  "occlusion",
  "integratedGradients",
  "gradientTimesInput",
  "vanillaGradients",
  "smoothGrad",
  "cLime",
] as const;

/** One of the eight explainers. */
export type ExplainerName = (typeof explainerNames)[number];

/** An explainer as a choice of neighborhood and loss, and by its usual formula. */
export interface Explainer {
  readonly name: ExplainerName;
  /** As tables and pictures name it. */
  readonly label: string;
  /**
   * Attributions of additive explainers are in score per unit of the feature; those of multiplicative ones in score. Their
   * sizes cannot be compared.
   */
  readonly family: "additive" | "multiplicative";
  readonly usesGradients: boolean;
  /** The explainer as a choice for `explain`: neighborhood and loss, without rows, samples, seed and baseline. */
  approximation(options?: ExplainerOptions): Pick<ExplainOptions, "neighborhood" | "loss">;
}

interface Definition extends Explainer {
  readonly by: "approximation" | "formula";
  /** Options beside those that all take. */
  readonly options: readonly (keyof ExplainerOptions)[];
  formula(call: FormulaCall, options: ExplainerOptions): Promise<Explanation>;
}

const matching = { loss: "gradientMatching" } as const;

const definitions: Readonly<Record<ExplainerName, Definition>> = {
  lime: {
    ...{ name: "lime", label: "LIME", family: "multiplicative", usesGradients: false },
    ...{ by: "approximation", options: ["width"], formula: limeFormula },
    approximation: ({ width = 1 } = {}) => ({ neighborhood: maskNeighborhood({ width }) }),
  },
  kernelShap: {
    ...{ name: "kernelShap", label: "KernelSHAP", family: "multiplicative", usesGradients: false },
    ...{ by: "approximation", options: ["sampling"], formula: kernelShapFormula },
    approximation: ({ sampling = "paired" } = {}) => ({ neighborhood: shapleyNeighborhood({ sampling }) }),
  },
  occlusion: {
    ...{ name: "occlusion", label: "Occlusion", family: "multiplicative", usesGradients: false },
    ...{ by: "formula", options: [], formula: occlusionFormula },
    approximation: () => ({ neighborhood: removalNeighborhood() }),
  },
  integratedGradients: {
    ...{ name: "integratedGradients", label: "Integrated Gradients", family: "multiplicative" },
    ...{ usesGradients: true, by: "formula", options: ["nodes"], formula: integratedGradientsFormula },
    approximation: () => ({ neighborhood: scalingNeighborhood(), ...matching }),
  },
  gradientTimesInput: {
    ...{
      name: "gradientTimesInput",
      label: "Gradient × Input",
      family: "multiplicative",
      usesGradients: true,
    },
    ...{ by: "formula", options: ["low"], formula: gradientTimesInputFormula },
    approximation: ({ low = 0.95 } = {}) => ({ neighborhood: scalingNeighborhood({ low }), ...matching }),
  },
  vanillaGradients: {
    ...{ name: "vanillaGradients", label: "Vanilla Gradients", family: "additive", usesGradients: true },
    ...{ by: "formula", options: ["sigma"], formula: vanillaGradientsFormula },
    approximation: ({ sigma = 0.01 } = {}) => ({
      neighborhood: gaussianNeighborhood({ sigma }),
      ...matching,
    }),
  },
  smoothGrad: {
    ...{ name: "smoothGrad", label: "SmoothGrad", family: "additive", usesGradients: true },
    ...{ by: "formula", options: ["sigma", "antithetic"], formula: smoothGradFormula },
    approximation: ({ sigma = 0.1, antithetic = true } = {}) => ({
      neighborhood: gaussianNeighborhood({ sigma, antithetic }),
      ...matching,
    }),
  },
  cLime: {
    ...{ name: "cLime", label: "C-LIME", family: "additive", usesGradients: false },
    ...{ by: "approximation", options: ["sigma"], formula: cLimeFormula },
    approximation: ({ sigma = 0.1 } = {}) => ({ neighborhood: gaussianNeighborhood({ sigma }) }),
  },
};

/** The eight explainers by name. */
export const explainers: Readonly<Record<ExplainerName, Explainer>> = definitions;

/**
 * Explains rows by one of the eight explainers.
 *
 * @param x rows to explain, n x d
 * @returns attributions; fitted by `explain`, also the surrogate's intercepts, losses and fidelities
 * @throws ArgumentError for an unknown explainer, an option that it does not take, or gradients that the model does not
 *   have; what `explain` throws
 */
export async function explainBy(
  name: ExplainerName,
  model: ExplainableModel,
  x: DenseMatrix,
  options: ExplainerOptions = {},
): Promise<Explanation | LocalApproximation> {
  checkOneOf(explainerNames, { explainer: name });
  const definition = definitions[name];
  checkOptions(name, options, ["by", ...definition.options, "samples", "seed", "baseline", "signal"]);
  const { by = definition.by, samples, seed, baseline, signal } = options;
  checkOneOf(["approximation", "formula"], { by });
  checkModel(model);
  if (definition.usesGradients) checkGradients(model);
  if (by === "formula") return definition.formula(formulaCall(model, x, options), options);
  return explain(model, x, { ...definition.approximation(options), samples, seed, baseline, signal });
}

/** Explains rows, n x d, by a given explainer; throws what `explainBy` throws. */
export type Explain = (
  model: ExplainableModel,
  x: DenseMatrix,
  options?: ExplainerOptions,
) => Promise<Explanation | LocalApproximation>;

const by =
  (name: ExplainerName): Explain =>
  (model, x, options) =>
    explainBy(name, model, x, options);

/** LIME (Ribeiro, Singh & Guestrin 2016): w of a linear fit on masks weighted by exp(-||x - x0||^2 / nu^2). */
export const lime: Explain = by("lime");
/** C-LIME (Agarwal et al. 2021): w of a linear fit under normal noise. */
export const cLime: Explain = by("cLime");
/** KernelSHAP (Lundberg & Lee 2017): w of a linear fit on masks with Shapley's weights, the Shapley values. */
export const kernelShap: Explain = by("kernelShap");
/** Occlusion (Zeiler & Fergus 2014): w_j = f(x0) - f(x0 without feature j). */
export const occlusion: Explain = by("occlusion");
/** Vanilla Gradients (Simonyan, Vedaldi & Zisserman 2014), signed: w = f'(x0). */
export const vanillaGradients: Explain = by("vanillaGradients");
/** Gradient x Input (Shrikumar et al. 2016): w = (x0 - r) * f'(x0). */
export const gradientTimesInput: Explain = by("gradientTimesInput");
/** SmoothGrad (Smilkov et al. 2017): w = E f'(x0 + xi) under normal noise. */
export const smoothGrad: Explain = by("smoothGrad");
/** Integrated Gradients (Sundararajan, Taly & Yan 2017): w = (x0 - r) * integral of f' from r to x0. */
export const integratedGradients: Explain = by("integratedGradients");
