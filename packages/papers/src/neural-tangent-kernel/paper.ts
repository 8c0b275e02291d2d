import { experiment, type Paper } from "../paper.ts";

export const neuralTangentKernel: Paper = {
  slug: "neural-tangent-kernel",
  number: 15,
  arxivId: "1806.07572",
  title: "Neural Tangent Kernel: Convergence and Generalization in Neural Networks",
  headline:
    "The tangent kernel of wide networks approaches its infinite-width limit and changes less during training the wider they are; trained networks follow the Gaussian distribution of that limit, those of width 200 at every seed and those of width 50 at 18 of 20.",
  claims: [
    {
      id: "C1",
      statement:
        "At initialization, as the hidden layers grow wider, a network converges to a Gaussian process and its tangent kernel to a deterministic kernel, given by a recursion over the layers.",
      short: "a deterministic kernel at infinite width",
      source: "abstract; Proposition 1 and Theorem 1; Figure 1",
      reported:
        "10 networks each of width 500 and 10,000: almost the same mean, a smaller spread at 10,000; no numbers (Figure 1)",
    },
    {
      id: "C2",
      statement: "In the infinite-width limit the kernel stays constant during training.",
      short: "training hardly moves the kernel",
      source: "abstract; Theorem 2; Figure 1",
      reported:
        "after 200 steps at learning rate 1 the kernel has grown clearly at width 500 and hardly at 10,000; no numbers (Figure 1)",
    },
    {
      id: "C3",
      statement:
        "On the unit sphere the limiting kernel is positive definite for a non-polynomial activation and at least two layers, so that training converges to a global minimum.",
      short: "positive definite unless polynomial",
      source: "abstract; Proposition 2",
      reported: "a proof; no number",
    },
    {
      id: "C4",
      statement:
        "In least-squares regression the infinitely wide network follows a linear differential equation: the error along each kernel principal component decays at the rate of its eigenvalue, which motivates early stopping.",
      short: "each component decays at its rate",
      source: "abstract; Section 5; Figure 3",
      reported:
        "512 MNIST digits: λ = 0.0457, 0.00108, 0.00078; largest error off the component about 0.13, 0.05 and 0.02 at width 100, 1,000 and 10,000 (read off the axis of Figure 3)",
    },
    {
      id: "C5",
      statement:
        "At the end of training the network function is Gaussian: its mean is kernel regression, and its variance vanishes on the data.",
      short: "trained networks: kernel regression",
      source: "Section 5; Figure 2",
      reported:
        "the 10th, 50th and 90th percentiles of 10 networks match the limit, already at width 50; no numbers (Figure 2)",
    },
    {
      id: "C6",
      statement: "Narrow networks converge faster along a component than the limit predicts.",
      short: "narrow networks run ahead",
      source: "Section 6.3; Figure 3c",
      reported: "curves for widths 100, 1,000 and 10,000; no numbers",
    },
    {
      id: "C7",
      statement:
        "The first kernel principal component of digits is almost constant, and a bias factor of 1 instead of 0.1 makes the gap between the first and second about ten times larger.",
      short: "bias separates the first component",
      source: "Section 6.3, footnote 3; Figure 3a",
      reported: "about 10 times",
    },
  ],
  experiments: [
    experiment({
      id: "convergence",
      title: "The kernel of wide networks, before and after training",
      claims: ["C1", "C2"],
      graph: true,
      load: () => import("./convergence.ts"),
    }),
    experiment({
      id: "trained-law",
      title: "Trained networks against the Gaussian distribution at infinite width",
      claims: ["C5"],
      graph: true,
      load: () => import("./trained-law.ts"),
    }),
    experiment({
      id: "digit-components",
      title: "Training along a kernel principal component of digits",
      claims: ["C4", "C6", "C7"],
      graph: true,
      load: () => import("./digit-components.ts"),
    }),
    experiment({
      id: "rates",
      title: "Each kernel principal component decays at its own rate",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./rates.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "Gradient descent moves a network’s function f by −(η/N) Σ_j Θ(x, x_j)(f(x_j) − y_j), where Θ(x, x′) = Σ_p ∂f(x)/∂θ_p ∂f(x′)/∂θ_p is the tangent kernel. For a finite network Θ is random and changes with the parameters.",
        "With weights and biases standard normal and each layer W a/√n + β b, Θ has a limit as the hidden layers grow, and the limit does not change during training. The equation above is then linear with constant coefficients and has a closed form.",
        "The limit is a recursion over layers of two Gaussian expectations, E f(u)f(v) and E f′(u)f′(v). They have closed forms for ReLU, erf, trigonometric, Gaussian and polynomial activations; for others they are double integrals, computed by quadrature.",
      ],
    },
    {
      title: "Why wide networks do not change their kernel",
      text: [
        "Each unit has n incoming parameters, and each of them moves by about 1/√n or less during training. In this parametrization a unit’s value then changes by about 1/√n, and the function by about 1. The kernel is a mean over units; it changes by the mean of changes that tend to 0.",
        "At finite width the kernel grows along what is being learned. That is why narrow networks run ahead of the limit, and why they are stable only for smaller step sizes than the limit allows.",
      ],
    },
    {
      title: "What the limit says about learning",
      text: [
        "The error along the i-th kernel principal component decays like exp(−λ_i t). The components with the largest eigenvalues are learned first; noise lies along all components, and most of it along those that are learned last. Stopping at the right time filters it out.",
        "The distribution over initializations, not only its mean, has a closed form. It differs from Bayesian inference, which corresponds to training only the last layer, with the covariance of the outputs in place of the tangent kernel. The table shows both.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "The proofs let the widths go to infinity one after another and assume activations that are twice differentiable; ReLU is not, although the paper uses it in its experiments. What is measured here is how fast finite networks approach the limit.",
        "The main text of the paper was read, its appendix with the proofs was not. Most of its figures come without numbers, so most conditions here are our criteria.",
        "The paper does not say how many layers its networks for digits have. The published eigenvalues fit five layers of weights, which the full profile uses; with four, the second and third are about 60 and 80% larger.",
        "The quick profile uses the bundled 8×8 digits, the full profile MNIST. The second eigenvalue of the 8×8 digits is larger, so training is shorter and the kernel grows less before C6 is measured.",
        "The full profile has the widths 500 and 10,000 of Figure 1 and 1,000 of Figure 2; the quick one stops at 512 and 200. At 512, where the paper sees clear growth of the kernel, C2 is judged by its trend over widths.",
      ],
    },
  ],
};
