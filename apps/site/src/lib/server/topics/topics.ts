/** A topic is a saved search over titles and abstracts. */
export interface Topic {
  readonly slug: string;
  readonly label: string;
  /** In web search syntax. */
  readonly query: string;
}

/** The topics of a fresh installation, in their order. */
export const topics: readonly Topic[] = [
  { slug: "second-order", label: "Second order", query: "hessian or newton" },
  {
    slug: "stochastic-gradients",
    label: "Stochastic gradients",
    query: '"stochastic gradient" or sgd or "batch size"',
  },
  { slug: "convex", label: "Convex", query: "convex or ADMM" },
  {
    slug: "constrained-bilevel",
    label: "Constrained and bilevel",
    query: 'bilevel or lagrangian or "constrained optimization"',
  },
  { slug: "coordinate-descent", label: "Coordinate descent", query: '"coordinate descent"' },
  {
    slug: "derivative-free",
    label: "Derivative-free",
    query: '"derivative-free" or "zero-order" or "consensus-based"',
  },
  {
    slug: "deep-theory",
    label: "Deep learning theory",
    query:
      '"infinite-width" or "universal approximation" or "universal approximator" or "loss landscape" or "over-parametrized" or "implicit regularization"',
  },
  {
    slug: "scientific-computing",
    label: "Scientific computing",
    query: '"differential equations" or "linear systems" or PDE',
  },
  { slug: "generative", label: "Generative models", query: 'diffusion or "score matching"' },
  { slug: "distributed", label: "Distributed", query: "distributed or collaborative or byzantine" },
  { slug: "explanation", label: "Explanation", query: "explanation or explainability" },
  {
    slug: "classification",
    label: "Classification",
    query: 'logistic or perceptron or "classification metrics"',
  },
];
