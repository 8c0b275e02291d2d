/** A class and what the model says of it. */
export interface ClassScore {
  readonly name: string;
  /** As the model gives it. */
  readonly score: number;
  /** From 0 to 1. */
  readonly share: number;
}

const SLACK = 1e-3;

/** Whether numbers are a distribution already: none negative, in sum 1. */
function areProbabilities(scores: readonly number[]): boolean {
  return (
    scores.every((score) => score >= 0) && Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) < SLACK
  );
}

/** Classes with their probabilities: the scores themselves where they are, else their softmax. */
export function classScores(scores: readonly number[], names?: readonly string[]): ClassScore[] {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const known = areProbabilities(scores);
  return scores.map((score, k) => ({
    name: names?.[k] ?? String(k),
    score,
    share: known ? score : powers[k] / total,
  }));
}
