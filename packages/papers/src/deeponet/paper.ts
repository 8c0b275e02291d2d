import { experiment, type Paper } from "../paper.ts";

export const deepOnet: Paper = {
  slug: "deeponet",
  number: 3,
  arxivId: "1910.03193",
  title:
    "DeepONet: Learning nonlinear operators for identifying differential equations based on the universal approximation theorem of operators",
  headline:
    "From 1,000 functions with one point each, a DeepONet learns the antiderivative with a test error 24 to 93 times below that of the best fully connected network (20 seeds); sensors, horizon and data limit it as the paper says.",
  claims: [
    {
      id: "C1",
      statement:
        "A DeepONet has a much smaller generalization error, and so a smaller test error, than a fully connected network on the same data, already for the antiderivative.",
      short: "generalizes better than fully connected networks",
      source: "abstract; section 4.1.1, which was not read",
      reported:
        "test errors of about 1e-6 with 10,000 functions (the authors’ code); the networks’ were not read",
    },
    {
      id: "C2",
      statement:
        "One branch network for all coefficients has a larger training error than a network for each, but a smaller test error, with fewer parameters.",
      short: "unstacked generalizes better than stacked",
      source: "section 4.1.1, as described in public summaries",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "The error depends on the number of sensors m and the input functions through the interpolation error κ ~ 1/(m²l²); with few sensors it falls exponentially with m, then saturates.",
      short: "error by sensors and length scale",
      source: "abstract; sections 3.3 and 4.2.1, which were not read",
      reported: "4.6^(−m) for the pendulum, recalled; not read",
    },
    {
      id: "C4",
      statement: "The error grows exponentially with the prediction horizon.",
      short: "error grows exponentially with the horizon",
      source: "section 4.2.2, as described in public summaries",
      reported: "8^T for the pendulum",
    },
    {
      id: "C5",
      statement: "The error falls with the size of the training set at high order, exponentially at first.",
      short: "high-order convergence in data",
      source: "abstract; sections 4.2.2 and 4.3, which were not read",
      reported: "polynomial rates from half order to fourth order, and exponential convergence",
    },
    {
      id: "C6",
      statement:
        "The solution operator of a partial differential equation is learned from few functions: the error falls with the points of each function, then saturates, and falls further with the number of functions.",
      short: "a partial differential equation from few functions",
      source: "section 4.3, as described in public summaries",
      reported: "about 1e-5 with 100 functions of 1000 points",
    },
    {
      id: "C7",
      statement: "While a DeepONet trains, its training and test errors are tightly correlated.",
      short: "training and test error move together",
      source: "section 4.1.2, as described in public summaries",
      reported: "a nearly constant ratio",
    },
    {
      id: "C8",
      statement:
        "A trained DeepONet predicts well for input functions of a different kind from those it was trained on.",
      short: "predicts outside the training distribution",
      source: "section 4.1.2 and the authors’ code",
      reported: "curves; not read",
    },
  ],
  experiments: [
    experiment({
      id: "generalization",
      title: "The antiderivative: DeepONet against fully connected networks",
      claims: ["C1", "C7", "C8"],
      graph: true,
      load: () => import("./generalization.ts"),
    }),
    experiment({
      id: "stacked",
      title: "One branch for all coefficients, or one for each",
      claims: ["C2"],
      graph: true,
      load: () => import("./stacked.ts"),
    }),
    experiment({
      id: "sensors",
      title: "How many sensors an input function needs",
      claims: ["C3"],
      graph: true,
      load: () => import("./sensors.ts"),
    }),
    experiment({
      id: "horizon",
      title: "The pendulum over longer and longer intervals",
      claims: ["C4"],
      graph: true,
      load: () => import("./horizon.ts"),
    }),
    experiment({
      id: "training-size",
      title: "The pendulum from more and more functions",
      claims: ["C5"],
      graph: true,
      load: () => import("./training-size.ts"),
    }),
    experiment({
      id: "diffusion",
      title: "Diffusion and reaction from few sources",
      claims: ["C5", "C6"],
      graph: true,
      load: () => import("./diffusion.ts"),
    }),
    experiment({
      id: "nonlinear",
      title: "A nonlinear equation whose solutions can blow up",
      claims: ["C1"],
      graph: true,
      load: () => import("./nonlinear.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "A DeepONet computes G(u)(y) = Σₖ bₖ(u) tₖ(y) + b₀. The branch sees the input function u at m fixed sensors and gives coefficients bₖ; the trunk sees a location y and gives basis functions tₖ. Both are learned together from pairs of functions, and a solution is then a sum instead of a simulation.",
        "The abstract, the authors’ code and public summaries were read; the body of the paper could not be. Figures that were not read are marked as such.",
      ],
    },
    {
      title: "Why it generalizes",
      text: [
        "A fully connected network on sensors and location together must learn from data that a location is not one more sensor. In a DeepONet the two meet only in a product, as they do in every linear operator: for the antiderivative, s(y) = Σₖ uₖ ∫₀ʸ φₖ for any basis φₖ of the input functions.",
      ],
    },
    {
      title: "What sensors cannot resolve",
      text: [
        "Functions that agree at all sensors look the same to the branch. For the antiderivative of a Gaussian random field the variance that this leaves is known in closed form; no method can do better, and linear regression attains it. It falls by a factor of five for each sensor: the exponential law of the paper, with nothing trained.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "The quick runs use 500 to 1,000 functions instead of 10,000 and 1,000 to 1,500 steps instead of 50,000 to 500,000. Errors are therefore hundreds of times larger than the paper’s; the claims are about ratios and rates.",
        "Labels come from exactly integrated splines and Runge-Kutta steps without interpolation; the authors’ labels come from an adaptive integrator with a relative tolerance of 1e-3.",
        "Errors are those of the checkpoint with the lowest training error, as in the authors’ code; the test error is not used to choose it.",
        "Two conditions apply at the full size only, so that the first quick run left C2 and C6 inconclusive: that bias does not hurt, now a check of our own, because C2 is about stacking, and the reported error of C6, 1e-5 with 100 functions of 1,000 points. At the quick size the verdict on C6 covers how the error falls, not how small it gets, nor that it saturates.",
        "At four of 20 seeds the stacked network’s test error is less than 1.3 times the other’s, at one of them smaller: trainings scatter as much. At two the error for u = x is above 5%.",
      ],
    },
  ],
};
