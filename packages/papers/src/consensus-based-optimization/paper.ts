import { experiment, type Paper } from "../paper.ts";

export const consensusBasedOptimizationPaper: Paper = {
  slug: "consensus-based-optimization",
  number: 18,
  arxivId: "2306.09778",
  title: "Gradient is All You Need?",
  headline:
    "From function values alone, CBO crosses the canyon’s barriers in nearly all runs, where gradient descent gets stuck, and its consensus point lies downhill of the particles in nearly every step: it takes noisy gradient steps preconditioned by their covariance.",
  claims: [
    {
      id: "C1",
      statement:
        "The consensus point of CBO follows a stochastically perturbed gradient descent, although only values of the objective are used.",
      short: "CBO behaves like stochastic gradient descent",
      source: "abstract; the size of the perturbation was not read",
      reported: "not read",
    },
    {
      id: "C2",
      statement:
        "The bridge is consensus hopping: by a quantitative Laplace principle one hop is close to a step of the minimizing movement scheme (a proximal step), for nonsmooth objectives too.",
      short: "a hop is a proximal step",
      source: "abstract; the theorem was not read",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "On a nonconvex canyon CBO and consensus hopping overcome energy barriers and reach the global minimum, where gradient descent gets stuck in a local one and Langevin dynamics succeeds only sometimes.",
      short: "crosses barriers where gradients get stuck",
      source: "abstract; Figures 1 and 2, whose code was read",
      reported: "figures of 50 runs each; shares were not read",
    },
    {
      id: "C4",
      statement:
        "CBO converges globally for ample classes of nonsmooth and nonconvex objectives: the mean square distance to the minimizer decays exponentially.",
      short: "global exponential convergence",
      source: "abstract, which cites companion papers for it",
      reported:
        "rate 2λ − dσ² with isotropic and 2λ − σ² with anisotropic noise, from the companion papers’ code",
    },
    {
      id: "C5",
      statement:
        "Methods of zero order need not be inefficient: CBO solves benchmark functions in moderate dimension and trains classifiers.",
      short: "zero order can be efficient",
      source: "abstract",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "canyon",
      title: "Across the canyon",
      claims: ["C1", "C3"],
      load: () => import("./canyon.ts"),
    }),
    experiment({
      id: "hopping",
      title: "A hop is a proximal gradient step",
      claims: ["C1", "C2"],
      load: () => import("./hopping.ts"),
    }),
    experiment({
      id: "descent",
      title: "Consensus is preconditioned descent",
      claims: ["C1"],
      load: () => import("./descent.ts"),
    }),
    experiment({
      id: "rate",
      title: "Rate of global convergence",
      claims: ["C4"],
      load: () => import("./rate.ts"),
    }),
    experiment({
      id: "benchmarks",
      title: "Rastrigin’s function",
      claims: ["C5"],
      load: () => import("./benchmarks.ts"),
    }),
    experiment({
      id: "classifier",
      title: "A classifier trained from loss values",
      claims: ["C5"],
      load: () => import("./classifier.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "N particles look at the values of the objective E where they are. Their consensus point c is the mean weighted by exp(−αE): close to the best particle for large α. Each particle moves toward c by −λ(X − c)dt and scatters by its own distance from c, σ‖X − c‖√dt Z (isotropic) or coordinate by coordinate (anisotropic). Where all agree, nothing moves.",
        "Consensus hopping draws N new particles around the last consensus point and takes theirs as the next. It is CBO with a step so long that particles forget where they were.",
      ],
    },
    {
      title: "Why values give a gradient",
      text: [
        "With infinitely many samples of width √(τ/α) the weighted law has the density exp(−α[E(y) + ‖y − x‖²/(2τ)]), up to a constant. Its mean is x − τ∇M(x) exactly, where M is the soft Moreau envelope −(1/α) ln 𝔼 exp(−αE(y)): a gradient step on a smoothed objective, although no derivative of E exists or is used. As α grows, M becomes the Moreau envelope and the mean the proximal point.",
        "CBO’s particles have a covariance S in place of the fixed width: the consensus point lies at −αS∇E from their mean, to first order in α. That is a gradient step preconditioned by the ensemble.",
      ],
    },
    {
      title: "When it does not work",
      text: [
        "A step much longer than the sampling width leaves one sample with all the weight, and then 100,000 samples are hardly better than 100. In 50 dimensions 200 samples give a poor direction. On Rastrigin’s function in 8 dimensions 20,000 particles do not cover the space, and V decays more slowly than in the mean-field law: at 76 to 93% of its rate over five seeds.",
        "Isotropic noise must be weaker than √(2λ/d) for particles to contract. Anisotropic noise has no such limit, but moves no coordinate in which all particles agree.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "The abstract and the authors’ code of Figures 1 and 2 were read; the body of the paper could not be. Theorems named as grounds are standard facts (Laplace’s method, exact identities for Gaussian laws, mean-square rates of the companion papers), not the paper’s theorems.",
        "The gradient of the canyon function as the code has it is continuous: the step across the valley, (1 − exp(−9s²)) where s > 0, starts with slope 0. Gradient descent uses the exact gradient here and central differences there; both end at the same point.",
        "The comparison of Figure 2 is of steps, not of cost: a run of CBO evaluates the objective 50,000 times, a run of gradient descent takes 10,000 gradients.",
        "The classifier is judged on the 8 × 8 digits, by whether it is right on half of the test images. It is on 60% to 89% at 20 seeds, where softmax regression trained with gradients is on 95% to 98%: C5 says that it learns, not that it competes. On MNIST (7,850 parameters) it can be run, but the million updates of the authors’ code take hours and were not run: after one epoch on 9,000 images, 1,500 updates, the test accuracy was 0.38.",
      ],
    },
  ],
};
