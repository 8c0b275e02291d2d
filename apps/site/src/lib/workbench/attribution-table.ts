import type { Explained } from "./protocol.ts";

/** A feature, and what the two families of explanations say of it, from -1 to 1. */
export interface FeatureWeight {
  /** Counted from 0. */
  readonly feature: number;
  readonly multiplicative: number;
  readonly additive: number;
}

/** Attributions in units of the largest. */
export function scaled(attributions: readonly number[]): number[] {
  const largest = attributions.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return attributions.map((value) => (largest > 0 ? value / largest : 0));
}

/** The features that matter most, by the mean of each family's scaled attributions. */
export function featureWeights({ methods }: Explained, most: number): FeatureWeight[] {
  const mean = (family: "additive" | "multiplicative") => {
    const own = methods
      .filter((method) => method.family === family)
      .map(({ attributions }) => scaled(attributions));
    return (feature: number) =>
      own.length === 0 ? 0 : own.reduce((sum, values) => sum + values[feature], 0) / own.length;
  };
  const [multiplicative, additive] = [mean("multiplicative"), mean("additive")];
  const features = Array.from({ length: methods[0]?.attributions.length ?? 0 }, (_, feature) => ({
    feature,
    multiplicative: multiplicative(feature),
    additive: additive(feature),
  }));
  const size = (one: FeatureWeight) => Math.abs(one.multiplicative) + Math.abs(one.additive);
  return features.sort((a, b) => size(b) - size(a)).slice(0, most);
}
