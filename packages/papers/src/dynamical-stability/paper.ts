import { experiment, type Paper } from "../paper.ts";

export const dynamicalStability: Paper = {
  slug: "dynamical-stability",
  number: 19,
  arxivId: "2305.17490",
  title: "The Implicit Regularization of Dynamical Stability in Stochastic Gradient Descent",
  headline:
    "Minima that SGD finds keep the trace of the Hessian below 2/η and generalize better as η grows; those of gradient descent have traces of about eight times 2/η or more.",
  claims: [
    {
      id: "C1",
      statement:
        "At a global minimum that is linearly stable for SGD with learning rate η, the trace of the Hessian is at most 2/η. For gradient descent only the largest eigenvalue is.",
      short: "SGD: trace ≤ 2/η; GD: λ₁ ≤ 2/η",
      source: "abstract",
      reported: "Tr ≤ 2/η for SGD, λ₁ ≤ 2/η for gradient descent; figures: not read",
    },
    {
      id: "C2",
      statement:
        "Stability of the loss bounds the Frobenius norm of the Hessian, because the noise of SGD is aligned with the curvature.",
      short: "loss stability bounds ‖G‖_F",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "For two-layer ReLU and diagonal linear networks the trace is equivalent to a norm of the parameters, the path norm and ‖β‖₁: minima stable for SGD have small norms.",
      short: "trace bounds path norm and ‖β‖₁",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C4",
      statement: "What stability asks of gradient descent is too weak for good generalization.",
      short: "GD’s stability is too weak",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C5",
      statement:
        "A larger learning rate regularizes SGD more: flatter minima, smaller norms, smaller test errors; gradient descent does not gain in the same way.",
      short: "larger η, smaller SGD error",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C6",
      statement: "SGD drives unbalanced parametrizations toward balanced ones, gradient descent does not.",
      short: "SGD balances layers",
      source:
        "not read; an independent reproduction (da-kozlov/ml-portfolio) attributes the experiment to the paper",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "live-sharpness",
      title: "Watch the sharpness meet the line 2/η while a network trains",
      claims: ["C1"],
      load: () => import("./live-sharpness.ts"),
    }),
    experiment({
      id: "thresholds",
      title: "The exact threshold lies below every bound",
      claims: ["C1"],
      load: () => import("./thresholds.ts"),
    }),
    experiment({
      id: "diagonal-network",
      title: "Diagonal linear networks: SGD’s minima obey the trace, gradient descent’s do not",
      claims: ["C1", "C3", "C4", "C5"],
      load: () => import("./diagonal-network.ts"),
    }),
    experiment({
      id: "relu-network",
      title: "Two-layer ReLU networks: SGD ends on its edge of stability",
      claims: ["C1", "C3", "C4", "C5"],
      load: () => import("./relu-network.ts"),
    }),
    experiment({
      id: "balancing",
      title: "SGD balances the layers of a diagonal network, gradient descent does not",
      claims: ["C6"],
      load: () => import("./balancing.ts"),
    }),
    experiment({
      id: "alignment",
      title: "SGD’s noise lies along the curvature, and bounds its Frobenius norm",
      claims: ["C2"],
      load: () => import("./alignment.ts"),
    }),
    experiment({
      id: "batch-sizes",
      title: "Extension: every batch size sits on its own edge",
      claims: [],
      load: () => import("./batch-sizes.ts"),
    }),
  ],
  remarks: [
    {
      title: "Why the trace",
      text: [
        "Where a model interpolates, the Hessian of the squared loss is G, the mean of g g^T over the gradients g of the outputs. Near such a minimum a step on one sample multiplies the distance δ by I − η g g^T, and a small δ must not grow in the mean square.",
        "E‖δ‖² after a step is ‖δ‖² − 2η δᵀGδ + η² E (gᵀδ)²‖g‖². Its exact threshold η* is 1/ν, with ν the largest eigenvalue of a linear map of second moments. Substituting the identity for the eigenmatrix gives η* ≤ 2 E‖g‖²/E‖g‖⁴ ≤ 2/Tr G. Gradient descent multiplies δ by I − ηG, where only λ₁ ≤ 2/η is needed.",
        "For f(x) = ⟨a∘b, x⟩ and inputs of covariance I, Tr G = ‖a‖² + ‖b‖² ≥ 2‖β‖₁; for ReLU networks and inputs on the sphere of radius √d, Tr G ≥ √d times the path norm. So Tr G ≤ 2/η bounds norms that bound the generalization error.",
      ],
    },
    {
      title: "What Tr G ≤ 2/η does not say",
      text: [
        "It is necessary for stability, not sufficient: over the random Jacobians of 20 seeds the exact threshold is 0.24 to 0.98 of 2/Tr G. What training settles on is the exact threshold, which the library computes for every batch size.",
        "It is a statement for single samples. Batches of 16 end with traces several times 2/η, and still on their own edge.",
        "A network that starts with a trace below 2/η need not change. In the experiments with a large start every learning rate is chosen so that it binds. Diagonal networks overshoot at large η and land far below the line, so only the inequality is claimed for them.",
        "Very large learning rates regularize too much: at the paper’s size the test error of ReLU networks rises again at the largest η.",
        "The trace that stability bounds is that of the samples, the one equivalent to the path norm that of the distribution. In the quick profile they are close enough. At the paper’s size the condition √d ‖θ‖_P ≤ 1.05 Tr G does not hold at the largest rate, η = 0.016: the ratio is 1.46 (1.49 in the reference values, which violate the condition as well). There Tr G is 95 on the 300 samples and 169 on new inputs, and √d ‖θ‖_P is 139: the network has become flat at its samples more than elsewhere. At the three smaller rates the condition holds.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "The abstract and the start of the introduction of the paper were read, and an independent reproduction of its experiments; its figures are plots and no number was found in text. Sizes and learning rates are a reconstruction, the conditions are our criteria: 2% above the bounds of the theorems, where training ends near a minimum and not at one, and a factor of two where one thing must stand apart from another. The theorems used were derived again and checked numerically.",
        "Test error is half the expected squared error on new inputs, in closed form. The reproduction’s error of signs hides the effect.",
        "Gradients are clipped at norm 10 (ReLU) and 100 (diagonal), without which the first steps at large η diverge; runs of SGD end with at least 1000 unclipped steps. There is no decay of the learning rate, which would move the line.",
        "Stability in the mean square is not what a typical run shows: rare runs dominate the mean, and a run can look convergent a little above its threshold. The threshold is therefore tested by the recursion of the second moments, not by averaging runs.",
      ],
    },
  ],
};
