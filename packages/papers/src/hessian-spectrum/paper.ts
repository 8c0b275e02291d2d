import { experiment, type Paper } from "../paper.ts";

export const hessianSpectrum: Paper = {
  slug: "hessian-spectrum",
  number: 11,
  arxivId: "1706.04454",
  title: "Empirical Analysis of the Hessian of Over-Parametrized Neural Networks",
  claims: [
    {
      id: "C1",
      statement:
        "The spectrum of a trained network's Hessian has two parts: a bulk near zero, and a few outliers away from it.",
      short: "a bulk and a few outliers",
      reported: "spectra shown; no figure found",
    },
    {
      id: "C2",
      statement:
        "With the data fixed, more parameters only add to the bulk: more eigenvalues near zero, the same outliers.",
      short: "more parameters, more bulk",
      reported: "spectra shown; no figure found",
    },
    {
      id: "C3",
      statement:
        "With the network fixed, the data decide the outliers: more clusters, more of them; less separable data move them.",
      short: "data decide the outliers",
      reported: "spectra shown; no figure found",
    },
    {
      id: "C4",
      statement:
        "The outliers come from the second moment of the gradients of the model's outputs, the Gauss-Newton part of the Hessian.",
      short: "outliers are Gauss-Newton's",
      reported: "not stated",
    },
    {
      id: "C5",
      statement:
        "Small and large batches seem to end in different basins, yet their solutions are joined through a flat region: they lie in one basin.",
      short: "one basin for all batch sizes",
      reported: "curves shown; no figure found",
    },
    {
      id: "C6",
      statement:
        "With more parameters than samples times (outputs − 1), the Hessian at a solution of small loss is nearly singular.",
      short: "nearly singular at solutions",
      reported: "implied by the decomposition",
    },
    {
      id: "M1",
      statement:
        "Products with the Hessian are enough: Lanczos and quadrature see the ends and the density of the spectrum, for fewer products than the Rayleigh-quotient search of the authors' code.",
      short: "no matrix is needed",
      reported: "not a claim of the paper; a check of the tools",
    },
  ],
  experiments: [
    experiment({
      id: "clusters-and-width",
      title: "The outliers count the clusters, at every width",
      claims: ["C1", "C2", "C3"],
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
      claims: ["C1", "M1"],
      graph: true,
      load: () => import("./matrix-free.ts"),
    }),
  ],
  remarks: [
    {
      title: "Why there are outliers",
      text: [
        "For each sample with outputs f, Jacobian J and a convex loss, the Hessian is ∇²L = G + R. G is the mean of JᵀSJ, with S the loss's second derivative in the outputs; R is the mean of the residuals times the curvature of the outputs. R vanishes with the loss, so near a solution the large eigenvalues are those of G, and the negative ones are small.",
        "G has at most N times rank S directions: N for a scalar output, N(K − 1) for a softmax over K classes. Where the inputs form c tight clusters of spread σ, the gradients within a cluster are nearly equal, so c · rank S eigenvalues are of order 1 and the others of order σ². That is what is counted here.",
      ],
    },
    {
      title: "Reading the outliers of a softmax classifier",
      text: [
        "The count of outliers grows with the classes but need not equal them: theory allows c(K − 1), and it is exactly the number of classes for K = 2 only. Training past separation sends the whole spectrum to zero and lets a few samples near the boundary dominate, so runs are compared at equal gradient norm.",
        "With rectifiers each parameter enters the output piecewise linearly, so R has a zero diagonal: its trace is 0 to rounding, and its eigenvalues come in both signs.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "The paper's own figures could not be read; problems, sizes and pass conditions are a reconstruction, with reference values from an independent implementation on its own random numbers.",
        "The statements that are exact hold exactly: the number of outliers by the largest gap is that of the clusters in every run, four at every width, and the rank is N(K − 1). Conditions on how wide a gap is, or how many eigenvalues exceed a level, depend on the random data. With twelve clusters a gap narrower than 8 was seen for 2 of 20 seeds, the first among them.",
        "“The same outliers” holds for their number, not for their place: in this parametrization the Gauss-Newton matrix sums over hidden units, so the outliers grow with the width, the smallest most.",
        "Straight lines without a barrier, as between A and B, show that solutions are joined; that another start has a barrier on the straight line does not show that it lies in another basin, only that the check is able to fail.",
        "The Rayleigh-quotient search here uses the closed form of its gradient, one product an evaluation, and a strong Wolfe line search. L-BFGS-B of SciPy, given the same gradient, takes 17 to 24 evaluations on such matrices where ours takes 26 products. The reference value, 84, may count what differentiating the quotient costs. For the largest eigenvalue alone Lanczos is then not three times cheaper; for the top five, found one after another, it is more than six times cheaper.",
      ],
    },
  ],
};
