import { experiment, type Paper } from "../paper.ts";

export const hessianSpectrum: Paper = {
  slug: "hessian-spectrum",
  number: 11,
  arxivId: "1706.04454",
  title: "Empirical Analysis of the Hessian of Over-Parametrized Neural Networks",
  headline:
    "Trained networks have one outlier for each cluster of the data at every width, and straight lines join the solutions of small and large batches without a barrier; wider networks keep the number of outliers but change their values.",
  claims: [
    {
      id: "C1",
      statement:
        "The spectrum of a trained network’s Hessian has two parts: a bulk near zero, and a few outliers away from it.",
      short: "a bulk and a few outliers",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C2",
      statement:
        "With the data fixed, more parameters only add to the bulk: more eigenvalues near zero, the same outliers.",
      short: "more parameters, more bulk",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "With the network fixed, the data decide the outliers: more clusters, more of them; less separable data move them.",
      short: "data decide the outliers",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C4",
      statement:
        "The outliers come from the second moment of the gradients of the model’s outputs, the Gauss-Newton part of the Hessian.",
      short: "outliers are Gauss-Newton’s",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C5",
      statement:
        "Small and large batches seem to end in different basins, yet their solutions are joined through a flat region: they lie in one basin.",
      short: "one basin for all batch sizes",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C6",
      statement:
        "With more parameters than samples times (outputs − 1), the Hessian at a solution of small loss is nearly singular.",
      short: "nearly singular at solutions",
      source:
        "abstract (“the singularity of the Hessian”); the count follows from the decomposition of the Hessian",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "clusters-and-width",
      title: "The outliers count the clusters, at every width",
      claims: ["C1", "C2", "C3", "C6"],
      graph: true,
      load: () => import("./clusters-and-width.ts"),
    }),
    experiment({
      id: "rank-bound",
      title: "The Gauss-Newton part has at most N(K − 1) directions",
      claims: ["C6"],
      graph: true,
      load: () => import("./rank-bound.ts"),
    }),
    experiment({
      id: "softmax-classifiers",
      title: "Outliers of softmax classifiers come from the Gauss-Newton part",
      claims: ["C1", "C2", "C3", "C4"],
      graph: true,
      load: () => import("./softmax-classifiers.ts"),
    }),
    experiment({
      id: "same-basin",
      title: "Small and large batches end in one basin",
      claims: ["C5"],
      graph: true,
      load: () => import("./same-basin.ts"),
    }),
    experiment({
      id: "matrix-free",
      title: "Bulk and outliers without the matrix",
      claims: ["C1"],
      graph: true,
      load: () => import("./matrix-free.ts"),
    }),
  ],
  remarks: [
    {
      title: "Why there are outliers",
      text: [
        "For each sample with outputs f, Jacobian J and a convex loss, the Hessian is ∇²L = G + R. G is the mean of JᵀSJ, with S the loss’s second derivative in the outputs; R is the mean of the residuals times the curvature of the outputs. R vanishes with the loss, so near a solution the large eigenvalues are those of G, and the negative ones are small.",
        "G has at most N times rank S directions: N for a scalar output, N(K − 1) for a softmax over K classes. Where the inputs form c tight clusters of spread σ, the gradients within a cluster are nearly equal, so c · rank S eigenvalues are of order 1 and the others of order σ². That is what is counted here.",
      ],
    },
    {
      title: "Reading the outliers of a softmax classifier",
      text: [
        "The number of outliers grows with the classes but need not equal them: theory allows c(K − 1). Training past separation sends the whole spectrum to zero and lets a few samples near the boundary dominate, so runs are compared at equal gradient norm.",
        "With ReLUs each parameter enters the output piecewise linearly, so R has a zero diagonal: its trace is 0 to rounding, and its eigenvalues come in both signs.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "The abstract and the authors’ code were read; the figures in the body of the paper could not be. Problems, sizes and criteria are therefore ours.",
        "“The same outliers” holds for their number, not for their values: in this parametrization the Gauss-Newton matrix sums over hidden units, so the outliers grow with the width, the smallest most. From 111 to 881 parameters they change by more than a factor of 2, which is why the second claim does not hold by our criterion.",
        "A straight line without a barrier, as between A and B, shows that two solutions are connected. A barrier on the line to another start does not show that it lies in another basin, only that such a line can show a barrier.",
        "“Bulk and outliers without the matrix” checks our tools and carries no claim at quick size. The Rayleigh-quotient search there uses the closed form of its gradient, one product per evaluation, and a strong Wolfe line search. For the largest eigenvalue alone it takes 1.7 to 2.6 times as many products as Lanczos, for the top five, found one after another, 6.3 to 8.3 times as many (20 seeds).",
      ],
    },
  ],
};
