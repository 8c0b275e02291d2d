// The words of papers that nobody wrote, as often as words occur in abstracts.
import type { RandomStream } from "gradus/random";

/** Rank 0, 1, 2, ... with probabilities that fall like 1 / (rank + shift) (Zipf and Mandelbrot), as words and names do. */
export function zipf(uniform: number, size: number, shift = 1): number {
  return Math.min(size - 1, Math.floor(shift * ((size + shift) / shift) ** uniform - shift));
}

/** What papers are about, the commonest first: a method each. */
export const METHODS = (
  "gradient descent|large language models|diffusion models|convex optimization|policy gradients|self-attention|" +
  "contrastive learning|graph networks|adaptive step sizes|federated averaging|distillation|score matching|" +
  "low-rank adaptation|batch normalization|kernel ridge regression|Bayesian optimization|pruning|quantization|" +
  "optimal transport|variational inference|operator learning|Newton's method|momentum|dropout|coordinate descent|" +
  "mirror descent|proximal gradient|variance reduction|sketching|natural gradient|Gauss-Newton|trust regions|" +
  "cubic regularization|line search|weight averaging|label smoothing|neural tangent kernels|random features|" +
  "evolution strategies|particle swarms|simulated annealing|Q-learning|Byzantine-robust aggregation|" +
  "preconditioning|conjugate gradients|Lanczos iterations|augmented Lagrangians|ADMM|bilevel optimization|" +
  "minimax optimization|normalizing flows"
).split("|");
/** What the methods are applied to. */
export const SUBJECTS = (
  "deep networks|image classifiers|nonconvex objectives|distribution shift|inverse problems|time series|" +
  "partial differential equations|small samples|tabular data|imbalanced data|molecules|saddle points|flat minima|" +
  "heavy-tailed noise|decentralized data|over-parameterized models|sharp minima|the Hessian spectrum|large batches|" +
  "weak supervision|adversarial examples|long contexts|sparse rewards|missing labels"
).split("|");
const LITTLE =
  "the of and a to in we that is for with on as by this are an which our from can be it at these their or not".split(
    " ",
  );
/** The commonest words of abstracts, after those that say nothing. */
const COMMON = (
  "model method data learning training network show problem approach results propose algorithm performance task neural " +
  "function optimization new gradient large based framework study parameters number error time convergence analysis " +
  "deep existing state general demonstrate experiments loss work several rate set high different information " +
  "stochastic various efficient features novel solution theoretical matrix space bound regularization samples setting " +
  "complexity input linear process size step local global domain points weights accuracy provide sample policy signal " +
  "structure prior estimation graph representation noise distribution variance objective dimension initialization"
).split(" ");
const SYLLABLES = (
  "ba cor de fil go hun ja kel lo mur na pos re sin ta vul we xan yo zim " +
  "bre cla dro fes gra hol jit kro lan mep nir plo quo rus stel tro vab wim yer zod"
).split(" ");
/** Words of three syllables. */
const COINED = SYLLABLES.length ** 3;
/** Words in all. */
const VOCABULARY = 30_000;
/** Words that a method's papers have more often than others. */
const OWN = 150;

/** A word that nobody uses, by its rank: neighbors in rank are not alike. */
export function coined(rank: number): string {
  let rest = (rank * 27_644_437) % COINED;
  let word = "";
  for (let i = 0; i < 3; i++) {
    word += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return word;
}

const ranked = (rank: number) => (rank < COMMON.length ? COMMON[rank] : coined(rank));

/** A word of a paper on the method with a number: every third one of its field. */
export function word(random: RandomStream, method: number): string {
  if (random.uniform() < 1 / 3) return ranked(COMMON.length + OWN * method + zipf(random.uniform(), OWN, 3));
  return ranked(zipf(random.uniform(), VOCABULARY, 12));
}

/** Some words of a paper, with those between that say nothing. */
export function phrase(random: RandomStream, method: number, length: number): string {
  return Array.from({ length }, () =>
    random.uniform() < 0.4 ? LITTLE[zipf(random.uniform(), LITTLE.length, 3)] : word(random, method),
  ).join(" ");
}
