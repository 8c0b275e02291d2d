// Papers that look like papers: for measuring, never for reading.
import { randomStream } from "gradus";

/** A paper that nobody wrote. */
export interface SyntheticPaper {
  readonly arxivId: string;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
  readonly publishedAt: Date;
  readonly featuredAt: Date;
  readonly votes: readonly Date[];
}

const METHODS = (
  "gradient descent|Newton's method|momentum|adaptive step sizes|coordinate descent|mirror descent|proximal gradient|" +
  "variance reduction|sketching|natural gradient|Gauss-Newton|trust regions|cubic regularization|line search|dropout|" +
  "batch normalization|weight averaging|label smoothing|score matching|diffusion models|contrastive learning|" +
  "self-attention|graph networks|operator learning|neural tangent kernels|random features|kernel ridge regression|" +
  "Bayesian optimization|evolution strategies|particle swarms|simulated annealing|policy gradients|Q-learning|" +
  "federated averaging|Byzantine-robust aggregation|quantization|pruning|distillation|low-rank adaptation|" +
  "preconditioning|conjugate gradients|Lanczos iterations|Krylov subspaces|augmented Lagrangians|ADMM|" +
  "bilevel optimization|minimax optimization|optimal transport|variational inference|normalizing flows"
).split("|");
const SUBJECTS = (
  "deep networks|convex problems|nonconvex objectives|over-parameterized models|large language models|image classifiers|" +
  "tabular data|imbalanced data|partial differential equations|inverse problems|time series|molecules|decentralized data|" +
  "heavy-tailed noise|saddle points|flat minima|sharp minima|the Hessian spectrum|large batches|small samples|" +
  "weak supervision|distribution shift|adversarial examples|long contexts|sparse rewards|missing labels"
).split("|");
const FINDINGS = (
  "converges at a linear rate|escapes saddle points|attains the optimal rate up to logarithms|needs no tuning|" +
  "halves the training time|is robust to outliers|matches the lower bound|generalizes better|saves memory|" +
  "scales to many machines|explains earlier observations|fails without warm-up|reaches a stationary point|" +
  "keeps its accuracy under noise"
).split("|");
const FORMULAS = [
  "$\\mathcal{O}(1/k^2)$",
  "$\\epsilon$",
  "$\\|\\nabla f(x_k)\\| \\le \\epsilon$",
  "$L_2$",
  "$n \\to \\infty$",
  "$\\lambda_{\\max} \\approx 2/\\eta$",
];
const SYLLABLES = "ba co de fi go hu ja ki lo mu na po re si ta vu wa xe yo zi".split(" ");

const FIRST_DAY = Date.UTC(2023, 11, 27);
const DAY = 86_400_000;
/** Days over which the papers are spread. */
const DAYS = 728;

/** Rank 0, 1, 2, ... with probabilities that fall like 1 / (rank + 1), as words and readers do. */
export function zipf(uniform: number, size: number): number {
  return Math.min(size - 1, Math.floor((size + 1) ** uniform) - 1);
}

/** The papers of a seed, one after another. */
export function* syntheticPapers(count: number, seed: number): Generator<SyntheticPaper> {
  const random = randomStream(seed);
  const below = (n: number) => random.integer(n);
  const pick = <T>(from: readonly T[]) => from[zipf(random.uniform(), from.length)];
  // Rare words, such as names of methods are: most occur in few papers.
  const coined = () => {
    let rank = zipf(random.uniform(), 8000);
    let word = "";
    for (let i = 0; i < 3; i++) {
      word += SYLLABLES[rank % SYLLABLES.length];
      rank = Math.floor(rank / SYLLABLES.length) + i + 1;
    }
    return word;
  };
  const capital = (text: string) => text[0].toUpperCase() + text.slice(1);
  const sentence = () => {
    switch (below(5)) {
      case 0:
        return `We show that ${pick(METHODS)} ${pick(FINDINGS)} for ${pick(SUBJECTS)}.`;
      case 1:
        return `${capital(pick(METHODS))} with ${pick(METHODS)}, which we call ${capital(coined())}, ${pick(FINDINGS)}.`;
      case 2:
        return `On ${pick(SUBJECTS)} the ${coined()} bound is ${FORMULAS[below(FORMULAS.length)]}.`;
      case 3:
        return `Experiments on ${capital(coined())}-${below(90) + 10} confirm that it ${pick(FINDINGS)}.`;
      default:
        return `Unlike ${pick(METHODS)}, it ${pick(FINDINGS)} when ${pick(SUBJECTS)} are ${coined()}.`;
    }
  };
  for (let i = 0; i < count; i++) {
    const featured = FIRST_DAY + Math.floor((i / count) * DAYS) * DAY + below(DAY);
    const published = new Date(featured - below(400) * DAY);
    const month = `${String(published.getUTCFullYear() % 100)}${String(published.getUTCMonth() + 1).padStart(2, "0")}`;
    yield {
      arxivId: `${month}.${String(10_000 + (i % 90_000)).padStart(5, "0")}`,
      title: `${capital(coined())}: ${capital(pick(METHODS))} for ${capital(pick(SUBJECTS))}`,
      abstract: Array.from({ length: 5 + below(6) }, sentence).join(" "),
      authors: Array.from({ length: 1 + below(6) }, () => `${capital(coined())} ${capital(coined())}`),
      publishedAt: published,
      featuredAt: new Date(featured),
      votes: Array.from(
        { length: Math.floor(8 * random.uniform() ** 6 * 8) },
        () => new Date(featured + below(4 * DAY)),
      ),
    };
  }
}
