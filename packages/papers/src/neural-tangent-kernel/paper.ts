import { experiment, type Paper } from "../paper.ts";

export const neuralTangentKernel: Paper = {
  slug: "neural-tangent-kernel",
  number: 15,
  arxivId: "1806.07572",
  title: "Neural Tangent Kernel: Convergence and Generalization in Neural Networks",
  claims: [
    {
      id: "C1",
      statement:
        "At initialization, as the hidden layers grow, a network becomes a Gaussian process and its tangent kernel tends to a deterministic one, given by a recursion over the layers.",
      short: "a deterministic kernel at infinite width",
      reported: "10 networks of width 500 and 10 000: one mean, the spread smaller at 10 000; no figures",
    },
    {
      id: "C2",
      statement: "While the network is trained, the kernel of a wide network stays as it was.",
      short: "training hardly moves the kernel",
      reported: "after 200 steps inflated at width 500, hardly at 10 000; no figures",
    },
    {
      id: "C3",
      statement:
        "On the unit sphere the limiting kernel is positive definite for an activation that is not a polynomial and at least two layers, so that training reaches a global minimum.",
      short: "positive definite unless polynomial",
      reported: "proved; no figure",
    },
    {
      id: "C4",
      statement:
        "On squared loss the network follows a linear differential equation: the error decays along each kernel principal component at the rate of its eigenvalue, which makes stopping early a regularizer.",
      short: "each component decays at its rate",
      reported:
        "512 MNIST digits: λ = 0.0457, 0.00108, 0.00078; off the line at most 0.13, 0.05, 0.02 (read off)",
    },
    {
      id: "C5",
      statement:
        "In the end the trained function is Gaussian: its mean is kernel regression, its variance vanishes on the data.",
      short: "trained networks: kernel regression",
      reported: "percentiles of 10 networks match the limit, already at width 50; no figures",
    },
    {
      id: "C6",
      statement: "Narrow networks converge faster along a component than the limit predicts.",
      short: "narrow networks run ahead",
      reported: "a plot for widths 100, 1000 and 10 000; no figures",
    },
    {
      id: "C7",
      statement:
        "With a bias factor of 1 instead of 0.1 the first kernel principal component stands about ten times further apart from the second.",
      short: "bias parts the first component",
      reported: "about 10 times",
    },
  ],
  experiments: [
    experiment({
      id: "convergence",
      title: "The kernel of wide networks: one limit, hardly moved by training",
      claims: ["C1", "C2"],
      graph: true,
      load: () => import("./convergence.ts"),
    }),
    experiment({
      id: "trained-law",
      title: "Trained networks follow the Gaussian law of the limit",
      claims: ["C5"],
      graph: true,
      load: () => import("./trained-law.ts"),
    }),
    experiment({
      id: "digit-components",
      title: "Kernel principal components of digits: training along the second",
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
        "Gradient descent moves a network's function f by −(η/N) Σ_j Θ(x, x_j)(f(x_j) − y_j), where Θ(x, x′) = Σ_p ∂f(x)/∂θ_p ∂f(x′)/∂θ_p is the tangent kernel. For a finite network Θ is random and changes with the parameters.",
        "With weights and biases standard normal and each layer W a/√n + β b, Θ has a limit as the hidden layers grow, and the limit does not change during training. Then the equation above is linear with constant coefficients and has a closed form.",
        "The limit is a recursion over layers of two Gaussian expectations, E f(u)f(v) and E f′(u)f′(v). They have closed forms for rectified, erf, trigonometric, Gaussian and polynomial units; for others they are double integrals by quadrature.",
      ],
    },
    {
      title: "Why wide networks do not move their kernel",
      text: [
        "Every parameter moves by about 1/√n during training, and there are n of them into each unit, so that a unit's value moves by about 1/√n in the NTK parametrization and the function by about 1. The kernel is a mean over units; it moves by the mean of moves that tend to 0.",
        "At finite width the kernel inflates: it grows along what is being learned. That is why narrow networks run ahead of the limit, and why their step sizes are stable for less than the limit says.",
      ],
    },
    {
      title: "What the limit says of learning",
      text: [
        "The error along the i-th kernel principal component decays like exp(−λ_i t). The first components are the simplest functions of the data, so they are learned first; noise lies along all components, and most of it along those that are learned last. Stopping at the right time filters it.",
        "The law over initializations, not only its mean, has a closed form. It is not Bayesian inference: that would be training the last layer alone, with the covariance of the outputs in place of the tangent kernel. Both bands are in the table.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "The proofs let the widths go to infinity one after another and want activations that are twice differentiable; rectified units are not, and the paper experiments with them all the same. What is measured here is how fast finite networks come to the limit.",
        "The paper does not say how many layers the networks of its digits have. The published eigenvalues fit five layers of weights, on which the full profile computes; with four the second and third are about 60 and 80 % larger.",
        "Where MNIST is not on the machine, as in a browser, the 8×8 digits stand in. Their second eigenvalue is larger, so that training is shorter and the kernel inflates less before it is measured; a single network of width 100 may then fall behind the limit, and the line of C6 that asks it of every run does not hold there.",
        "The widths 500 and 10 000 of the first figure and 1000 of the second are left to the full profile.",
      ],
    },
  ],
};
