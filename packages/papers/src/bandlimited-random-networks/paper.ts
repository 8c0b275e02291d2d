import { experiment, type Paper } from "../paper.ts";

export const bandlimitedRandomNetworks: Paper = {
  slug: "bandlimited-random-networks",
  number: 2,
  arxivId: "2008.08427",
  title: "How Powerful are Shallow Neural Networks with Bandlimited Random Weights?",
  headline:
    "With hidden parameters in [-1, 1]² the error stays at 57% of the target’s size from 50 to 400 units, and networks whose output weights sum to at most 1,000 provably cannot get below 67%; 100 units sampled from the target’s spectrum have 1/46,000 of the error of the best uniform domain (medians over 20 seeds).",
  claims: [
    {
      id: "C1",
      statement:
        "A network with random hidden parameters from a bounded domain, of which only the output layer is trained, may fail to reach zero approximation error, however wide it is.",
      short: "a bounded domain may not suffice",
      source: "abstract; the theorem was not read",
      reported: "not read",
    },
    {
      id: "C2",
      statement:
        "A non-trivial lower bound on the approximation error exists, by ridgelet analysis: the target’s spectrum outside the domain cannot be reached.",
      short: "a lower bound by the spectrum",
      source: "abstract; the constant was not read",
      reported: "not read",
    },
    {
      id: "C3",
      statement: "Not every distribution of random weights gives a universal approximator.",
      short: "not every distribution is universal",
      source: "abstract",
      reported: "not stated",
    },
    {
      id: "C4",
      statement:
        "A suitable assignment of random weights exists, and depends on the complexity of the target.",
      short: "a suitable assignment depends on the target",
      source: "abstract",
      reported: "not stated",
    },
  ],
  experiments: [
    experiment({
      id: "low-pass",
      title: "What limited slopes can represent",
      claims: ["C1", "C2"],
      load: () => import("./low-pass.ts"),
    }),
    experiment({
      id: "plateau",
      title: "The plateau of a small domain",
      claims: ["C1", "C3"],
      load: () => import("./plateau.ts"),
    }),
    experiment({
      id: "budget",
      title: "A certified lower bound",
      claims: ["C2"],
      load: () => import("./budget.ts"),
    }),
    experiment({
      id: "scope",
      title: "The domain must fit the target",
      claims: ["C4"],
      load: () => import("./scope.ts"),
    }),
    experiment({
      id: "assignment",
      title: "An assignment that uses the target",
      claims: ["C4"],
      load: () => import("./assignment.ts"),
    }),
    experiment({
      id: "digits",
      title: "Handwritten digits",
      claims: ["C1", "C3", "C4"],
      load: () => import("./digits.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "A random network σ(aᵢ·x − bᵢ) has its hidden parameters drawn once, here uniformly from the box [-λ, λ]², and only its output layer is fitted, by least squares. The ridgelet transform writes a target as an integral of such units over all slopes a and biases b; the part outside the box is out of reach for the canonical weights.",
        "With the ridgelet t exp(-t²/2), limiting the slopes to λ is exactly a Gaussian low-pass filter. The plain network with the transform as its weights converges to the filtered target, not to the target.",
      ],
    },
    {
      title: "What the bound does not say",
      text: [
        "That no width reaches zero error holds only under a limit on the output weights. On an interval, units of an analytic activation with parameters in any open box are dense: with weights of any size the infimum of the error is 0. In practice the sum of the weights and float64 stop the fit, because the features of a small box have numerical rank 10, however many there are.",
        "The certificate therefore bounds the error for a budget of the output weights: for every number of units, every choice of parameters in the box, and all weights within the budget. In one dimension it is proved over the whole box.",
      ],
    },
    {
      title: "What was read, and what is ours",
      text: [
        "Both abstracts and a short review were read; the body of the paper, its constants, the settings and the numbers of its simulations could not be. Their figures are given as “not read”.",
        "Ours are the exact low-pass law, the bound for a budget with its proof by Chebyshev points, the sizes of all experiments and the criteria. The three bumps are a benchmark recalled from the first author’s earlier work on random vector functional-link networks.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "Everything of interest is in singular values between 1e-8 and 1e-16 of the largest: errors at the default cutoff vary by a fifth with the linear algebra library. The conditions leave room for that.",
        "One check of our own holds at one of 20 seeds: with weights that sum to at most 100, the networks tried with λ = 100 leave 13% of the target (median), where we had expected at most 10%. No claim rests on it.",
        "Inputs must be scaled before a half-width means anything, and the box of the biases must cover the slopes times the inputs, or most units do not change within the data.",
      ],
    },
  ],
};
