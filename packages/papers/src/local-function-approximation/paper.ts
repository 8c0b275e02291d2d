import { experiment, type Paper } from "../paper.ts";

export const localFunctionApproximation: Paper = {
  slug: "local-function-approximation",
  number: 17,
  arxivId: "2206.01254",
  title:
    "Which Explanation Should I Choose? A Function Approximation Perspective to Characterizing Post Hoc Explanations",
  headline:
    "Eight explanation methods are one: each fits a simple function to the model on a neighborhood of its own, and recovers the model if it is that simple. None is right on all neighborhoods. On the curved networks trained here the two families overlap, and removing features does not always favor the methods that remove features.",
  claims: [
    {
      id: "C1",
      statement:
        "LIME, C-LIME, KernelSHAP, Occlusion, Vanilla Gradients, Gradient x Input, SmoothGrad and Integrated Gradients all minimize one objective; they differ only in the neighborhood and the loss.",
      short: "eight explainers, one objective",
      source: "abstract; figure 1, recomputed from the attributions that the authors stored",
      reported: "mean L1 distances on the diagonal of 0 to 0.035 at sizes of 0.46 to 2.1 (WHO, network A)",
    },
    {
      id: "C2",
      statement:
        "SmoothGrad becomes Vanilla Gradients as its noise vanishes, and Integrated Gradients becomes Gradient x Input as its path shrinks to its end.",
      short: "limits of the neighborhoods",
      source: "figure 1, box plots, recomputed from the authors’ code",
      reported: "distances fall at every step; exponents not stated",
    },
    {
      id: "C3",
      statement:
        "No free lunch: no explanation is best on all neighborhoods; one that is accurate on its own neighborhood can be as inaccurate on another as the class of simple functions allows.",
      short: "no free lunch",
      source: "abstract; the theorem’s text was not read; it was derived independently",
      reported: "proved",
    },
    {
      id: "C4",
      statement:
        "Guiding principle: choose a method that recovers the model when the model is itself simple. Additive methods recover w of linear models, multiplicative ones w ∗ x; a logistic model takes a logistic surrogate.",
      short: "recovery of simple models",
      source: "abstract; figure 2, recomputed",
      reported: "median L1 distance 0.0000 to the own target and 1.335 to the other (WHO, linear)",
    },
    {
      id: "C5",
      statement:
        "Faithfulness follows the neighborhood: tests that remove features favor the multiplicative methods, tests that add noise the additive ones.",
      short: "tests favor their neighborhood",
      source: "figure 3, recomputed",
      reported:
        "on all eight models every method of the favored family is ahead: bottom 0.07 to 0.67, top 1.05 to 1.98 times the best of the others",
    },
    {
      id: "C6",
      statement:
        "In the matrices of distances the methods split into two families, multiplicative and additive.",
      short: "two families",
      source: "figure 1, recomputed",
      reported:
        "cosine distances of 0.39 to 0.51 between the families, and 0 to 0.16 within the multiplicative one",
    },
  ],
  experiments: [
    experiment({
      id: "equivalence",
      title: "Eight explainers as one objective",
      claims: ["C1"],
      graph: true,
      load: () => import("./equivalence.ts"),
    }),
    experiment({
      id: "limits",
      title: "Limits of the neighborhoods, and two families",
      claims: ["C2", "C6"],
      graph: true,
      load: () => import("./limits.ts"),
    }),
    experiment({
      id: "no-free-lunch",
      title: "No explanation is best everywhere",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./no-free-lunch.ts"),
    }),
    experiment({
      id: "recovery",
      title: "Recovering models that are simple",
      claims: ["C4"],
      graph: true,
      load: () => import("./recovery.ts"),
    }),
    experiment({
      id: "faithfulness",
      title: "Perturbation tests of faithfulness",
      claims: ["C5"],
      graph: true,
      load: () => import("./faithfulness.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "An explanation of f at x₀ is the parameter w of the simple function g that minimizes E[π(ξ) loss(f, g, x₀, ξ)] over a distribution of perturbations ξ, the neighborhood. Inputs are x₀ + ξ (additive) or x₀ ∗ ξ, elementwise (multiplicative); the loss is the squared error of values or of gradients. Normal noise with squared errors is C-LIME, with gradients SmoothGrad, and Vanilla Gradients in the limit; factors uniform on [0, 1] with gradients are Integrated Gradients, and Gradient x Input in the limit; masks are LIME, KernelSHAP and, one at a time, Occlusion.",
        "The abstract, the authors’ code and the attributions that they stored were read; the full text could not be. Figures of the paper are recomputed from those attributions; its theorems are stated in a form derived independently.",
        "The authors fit g by stochastic gradient descent. Here linear surrogates are solved exactly, by the Cholesky factor of their Gram matrix, and logistic ones by the Levenberg-Marquardt method.",
      ],
    },
    {
      title: "LIME has a formula",
      text: [
        "LIME’s kernel exp(−‖x₀ − x₀ ∗ ξ‖²/ν²) is a product over the features, so that its weighted masks have independent features, on with probability pⱼ = 1/(1 + exp(−x₀ⱼ²/ν²)). A regression on an independent design separates: the weight of feature j is E[f | ξⱼ = 1] − E[f | ξⱼ = 0], the mean effect of switching it on. The experiment compares the regression with this formula.",
        "With 30 features and 1,000 masks the regression is noisy: on the ReLU networks two estimates of LIME or KernelSHAP differ by a quarter to a half of their size. A bound therefore applies only to Occlusion and the gradient-based methods, whose formulas are exact or nearly so.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "The paper’s data (WHO life expectancy, HELOC) may not be redistributed. The models here have the paper’s architectures (widths of 8; 2, 4 or 7 hidden layers; tanh for regression and ReLU for classification) and are trained by Adam on other sets: a synthetic one with 19 features and diabetes, and breast cancer and the digits 3 and 8, features scaled to [0, 1] and the baseline 0.",
        "Two claims, which are about the data rather than the mathematics, fail here. The networks for the synthetic set and for diabetes are curved: methods within the multiplicative family differ by as much as the families do (C6), while the paper’s networks for WHO are close to linear. For the same reason removal does not always favor every multiplicative method over every additive one (C5): on a saturating network Integrated Gradients and Shapley values, which average over the way from the baseline, rank the least important features worse than plain gradients do. On the linear models and in all tests with noise the order is as the paper says, apart from margins of a few percent.",
        "The first run led to four changes. The split into families, a condition of C2 that failed, is now claim C6 with the same condition, and C2 covers the limits alone. Vanilla Gradients and Gradient x Input are limits, and the paper’s a = 0.95 is not close to one where a sigmoid saturates: fits are compared with formulas at σ = 0.001 and a = 0.995. Exponents of σ are measured from 0.02 to 0.005, because a network for diabetes curves on the scale of 0.1. ReLU networks first had to improve at every step; where a sigmoid saturates, the distance between Integrated Gradients and Gradient x Input grows before it falls, so the share left after the last step is measured instead.",
        "L1 distances between the families compare slopes with shares of the score; they appear in the heat map as in the paper, and have no further meaning.",
      ],
    },
  ],
};
