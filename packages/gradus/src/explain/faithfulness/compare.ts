import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { Explanation, LocalApproximation } from "../explain.ts";
import { type ExplainerName, explainBy, explainerNames, explainers } from "../explainers/explainers.ts";
import type { ExplainerOptions } from "../explainers/options.ts";
import { checkModel, type ExplainableModel } from "../models/contract.ts";
import { distanceMatrix } from "./distance.ts";

/** What all explainers of a comparison are given. */
export type CompareOptions = Pick<
  ExplainerOptions,
  "by" | "sigma" | "width" | "samples" | "seed" | "baseline" | "signal"
>;

/** Explanations side by side. */
export interface ExplanationComparison {
  /** Those that the model allows, in the order of `explainerNames`. */
  readonly names: readonly ExplainerName[];
  /** One for each name. */
  readonly explanations: readonly (Explanation | LocalApproximation)[];
  /** Mean cosine distances, names x names. */
  readonly cosine: DenseMatrix;
  /** Explainers that need gradients, where the model has none. */
  readonly refused: readonly ExplainerName[];
}

/**
 * Explains rows by all explainers that the model allows, and measures how far they agree.
 *
 * @param x rows, n x d
 * @throws what `explainBy` throws, but for gradients that the model does not have
 */
export async function compareExplanations(
  model: ExplainableModel,
  x: DenseMatrix,
  options: CompareOptions = {},
): Promise<ExplanationComparison> {
  checkOptions("compareExplanations", options, [
    "by",
    "sigma",
    "width",
    "samples",
    "seed",
    "baseline",
    "signal",
  ]);
  checkModel(model);
  const { sigma, width, ...shared } = options;
  const refused = explainerNames.filter(
    (name) => explainers[name].usesGradients && model.valuesAndGradients === undefined,
  );
  const names = explainerNames.filter((name) => !refused.includes(name));
  const own = (name: ExplainerName): ExplainerOptions => {
    if (name === "lime") return { width };
    return name === "smoothGrad" || name === "cLime" ? { sigma } : {};
  };
  const explanations: (Explanation | LocalApproximation)[] = [];
  for (const name of names) explanations.push(await explainBy(name, model, x, { ...shared, ...own(name) }));
  const cosine = distanceMatrix(
    explanations.map(({ attributions }) => attributions),
    "cosine",
  );
  return { names, explanations, cosine, refused };
}
