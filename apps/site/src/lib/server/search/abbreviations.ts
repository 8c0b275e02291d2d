/** A word that stands for several, and these. */
export interface Abbreviation {
  /** In lower case. */
  readonly word: string;
  /** Of some the database takes the plural for another word. */
  readonly plural: string;
  readonly phrase: string;
}

/** What people who work on learning and optimization shorten, where it has one meaning there; without hyphens. */
const phrases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    admm: "alternating direction method of multipliers",
    bcd: "block coordinate descent",
    bo: "Bayesian optimization",
    cbo: "consensus based optimization",
    cg: "conjugate gradient",
    cnn: "convolutional neural network",
    ddpm: "denoising diffusion probabilistic model",
    dpo: "direct preference optimization",
    dro: "distributionally robust optimization",
    dsm: "denoising score matching",
    ebm: "energy based model",
    em: "expectation maximization",
    erm: "empirical risk minimization",
    fem: "finite element method",
    fl: "federated learning",
    fno: "Fourier neural operator",
    gan: "generative adversarial network",
    gd: "gradient descent",
    gmm: "Gaussian mixture model",
    gnn: "graph neural network",
    hmc: "Hamiltonian Monte Carlo",
    hmm: "hidden Markov model",
    hpo: "hyperparameter optimization",
    ica: "independent component analysis",
    kl: "Kullback Leibler",
    knn: "nearest neighbor",
    llm: "large language model",
    lora: "low rank adaptation",
    lstm: "long short term memory",
    mcmc: "Markov chain Monte Carlo",
    mdp: "Markov decision process",
    mlp: "multilayer perceptron",
    mmd: "maximum mean discrepancy",
    moe: "mixture of experts",
    nas: "neural architecture search",
    nmf: "nonnegative matrix factorization",
    ntk: "neural tangent kernel",
    ode: "ordinary differential equation",
    ot: "optimal transport",
    pca: "principal component analysis",
    pde: "partial differential equation",
    pinn: "physics informed neural network",
    pso: "particle swarm optimization",
    qp: "quadratic programming",
    rag: "retrieval augmented generation",
    rkhs: "reproducing kernel Hilbert space",
    rl: "reinforcement learning",
    rlhf: "reinforcement learning from human feedback",
    rmt: "random matrix theory",
    rnn: "recurrent neural network",
    sde: "stochastic differential equation",
    sdp: "semidefinite programming",
    sgd: "stochastic gradient descent",
    sgld: "stochastic gradient Langevin dynamics",
    sqp: "sequential quadratic programming",
    svd: "singular value decomposition",
    svm: "support vector machine",
    svrg: "stochastic variance reduced gradient",
    vae: "variational autoencoder",
    vit: "vision transformer",
    vlm: "vision language model",
    xai: "explainable artificial intelligence",
  }),
);

/** All of them. */
export const abbreviations: readonly Abbreviation[] = [...phrases].map(([word, phrase]) => ({
  word,
  plural: `${word}s`,
  phrase,
}));

const byWord = new Map(abbreviations.flatMap((one) => [one.word, one.plural].map((word) => [word, one])));

const WORD = /[^\s()[\],;:!?.]+/g;

/** The abbreviations in a query, each once. */
export function abbreviationsIn(text: string): readonly Abbreviation[] {
  const found = (text.match(WORD) ?? []).flatMap((word) => byWord.get(word.toLowerCase()) ?? []);
  return [...new Set(found)];
}

/** A query in web search syntax, without operators, that takes abbreviations, their plurals and what they stand for. */
export function spelledOut(text: string): string {
  const written = (as: keyof Abbreviation) =>
    text.replace(WORD, (word) => byWord.get(word.toLowerCase())?.[as] ?? word);
  return [...new Set([text, written("word"), written("plural"), written("phrase")])].join(" or ");
}
