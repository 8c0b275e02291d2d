import { experiment, type Paper } from "../paper.ts";

export const penaltyBilevel: Paper = {
  slug: "penalty-bilevel",
  number: 20,
  arxivId: "2309.01753",
  title: "On Penalty Methods for Nonconvex Bilevel Optimization and First-Order Stochastic Approximation",
  headline:
    "Where an error bound holds, the penalized hyper-objective approaches the true one at rate σ, and gradients alone solve bilevel problems in about as many steps as exact hypergradients; with noisy gradients, momentum helps the single loop, but a double loop with batches does better at the budgets run here.",
  claims: [
    {
      id: "C1",
      statement:
        "Under a proximal error bound with constant μ that holds uniformly for small σ, the penalized hyper-objective ψσ is O(σ/μ)-close to the hyper-objective ψ in value and O(σ/μ³)-close in gradient.",
      short: "O(σ)-close values and gradients",
      source: "abstract; Theorem 1.1 (informal), read in a published note",
      reported: "proved; constants not read",
    },
    {
      id: "C2",
      statement:
        "Without such conditions this fails: where the set of lower solutions jumps, ψσ and its gradient do not approach ψ and its gradient.",
      short: "fails where solutions jump",
      source: "Example 1, read in a published note; Example 2: not read",
      reported: "a counterexample, no figures",
    },
    {
      id: "C3",
      statement:
        "The gradient of the hyper-objective has an explicit formula even where the lower level has several solutions and constraints, by the pseudo-inverse of the Hessian of its Lagrangian.",
      short: "explicit formula with a pseudo-inverse",
      source: "abstract; Theorem 3.2, read in a published note",
      reported: "proved",
    },
    {
      id: "C4",
      statement:
        "With exact gradients a first-order algorithm finds an ε-stationary point of ψσ, σ = O(ε), in O(ε⁻³) gradient calls.",
      short: "ε⁻³ exact gradients",
      source: "abstract",
      reported: "O(ε⁻³); step-size constants not read",
    },
    {
      id: "C5",
      statement:
        "With noisy gradients O(ε⁻⁷) calls are enough, and O(ε⁻⁵) in a single loop with O(1) samples a step and momentum if the noise is smooth in mean square.",
      short: "ε⁻⁷ and ε⁻⁵ noisy gradients",
      source: "abstract",
      reported: "O(ε⁻⁷) and O(ε⁻⁵); no experiment in the paper",
    },
    {
      id: "C6",
      statement: "Only first-order oracles are used: no product with a second derivative.",
      short: "gradients alone",
      source: "abstract",
      reported: "by construction",
    },
  ],
  experiments: [
    experiment({
      id: "landscape",
      title: "The penalized hyper-objective approaches the true one as σ falls",
      claims: ["C1", "C3"],
      load: () => import("./landscape.ts"),
    }),
    experiment({
      id: "limits",
      title: "Where it does not: solutions that jump, and weak error bounds",
      claims: ["C1", "C2"],
      seedless: true,
      load: () => import("./limits.ts"),
    }),
    experiment({
      id: "deterministic",
      title: "Gradient calls to a stationary point, exact gradients",
      claims: ["C4", "C6"],
      load: () => import("./deterministic.ts"),
    }),
    experiment({
      id: "stochastic",
      title: "Noisy gradients: double loop with batches, single loop with momentum",
      claims: ["C5"],
      load: () => import("./stochastic.ts"),
    }),
    experiment({
      id: "cleaning",
      title: "Weights for mislabeled training examples",
      claims: ["C6"],
      load: () => import("./cleaning.ts"),
    }),
    experiment({
      id: "network-cleaning",
      title: "The same with a network and a nonconvex lower level",
      claims: ["C6"],
      load: () => import("./network-cleaning.ts"),
    }),
    experiment({
      id: "ridge",
      title: "A ridge penalty for every feature, real data",
      claims: ["C1"],
      load: () => import("./ridge.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "A bilevel problem minimizes ψ(x) = min { f(x, y) : y ∈ S(x) } where S(x) are the minimizers of g(x, ·): hyper-parameters x and trained parameters y, for example. Its gradient by the implicit function theorem needs the inverse of a Hessian of g.",
        "The penalty replaces ψ by ψσ(x) = min over y of f(x, y) + (g(x, y) − g*(x))/σ with g*(x) = min g(x, ·). Its gradient is ∇ₓf(x, y) + (∇ₓg(x, y) − ∇ₓg(x, z))/σ with y the minimizer of σf + g and z one of g: two lower problems and differences of first-order gradients, nothing else.",
        "Always ψσ ≤ ψ, because the minimum runs over more y. How fast the gap closes is the paper’s subject: at rate σ if the solutions of σf + g move smoothly down to σ = 0.",
      ],
    },
    {
      title: "When to trust it",
      text: [
        "The condition is an error bound: the distance of y from the solutions of the lower problem is at most 1/μ times the length of a prox step, for all small σ with the same μ. Strong convexity implies it, and so does a Polyak-Łojasiewicz inequality. It fails where solutions jump as x moves: in Example 1 the gap stays at 1 next to the jump and the gradient of ψσ grows like 1/σ.",
        "If g is flat along its solutions and f is curved there, as in the affine and the warped family, the constant is of order σ. Values and gradients still meet, because one smooth path of solutions exists, but inner loops slow down like 1/σ.",
        "`estimateErrorBound` looks for the smallest constant around a solution. It sees only what its samples see: a small value is a warning, but a large one is no proof.",
      ],
    },
    {
      title: "Which loop, which σ",
      text: [
        "With exact gradients take the double loop and σ of a few hundredths of the accuracy you want. The error of the inner loops is divided by σ, so they must be solved to σ times the tolerance: this is what `minimizeBilevel` checks before it calls a run converged. A large fixed σ converges to a different point.",
        "With noisy gradients the double loop with batches does better on almost every problem at the budgets of the quick size, although its proved exponent is worse: −1/7 against −1/5. At the full size, run once with 3 million gradients per run, it does better on all three problems: the fitted exponents are −0.21 for the double loop and −0.19 for the single loop with momentum. Exponents say nothing about where the lines cross. The single loop needs its momentum: without it the noise of two gradients, divided by σ, drowns out the direction.",
        "Momentum (STORM) evaluates the same sample at two points, which is impossible with a data stream that cannot be replayed.",
      ],
    },
    {
      title: "What was read",
      text: [
        "The abstract, the published reviews, and a published note that reproduces the main derivations were read; the text of the paper was not. Constants of the step-size rules are ours: the schedules follow from the rates, σ ∝ k^(−1/7) and k^(−1/5), and were checked by running them.",
        "The full size of cleaning with a network (784-300-10, 40,000 steps of V-PBGD) takes hours and was not run; the quick size has 32 sigmoids on the digits.",
        "The paper has no numerical experiments. Every problem, size and condition here is ours, except for the orders of the theorems.",
        "Conditions on exponents use the theorems’ orders with the slack that a fit over finitely many points needs. That calls grow much more slowly than ε⁻³ on the regular family is no contradiction: the bound covers worse functions.",
      ],
    },
  ],
};
