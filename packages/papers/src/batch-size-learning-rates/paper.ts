import { experiment, type Paper } from "../paper.ts";

export const batchSizeLearningRates: Paper = {
  slug: "batch-size-learning-rates",
  number: 5,
  arxivId: "2006.09092",
  title:
    "Learning Rates as a Function of Batch Size: A Random Matrix Theory Approach to Neural Network Training",
  headline:
    "On batches of 8 the largest Hessian eigenvalue is about 1.7 times that of all data, and the largest workable learning rate grows with the batch size to the power of 0.9 for SGD, up to a plateau, and 0.5 for Adam.",
  claims: [
    {
      id: "C1",
      statement:
        "The extreme eigenvalues of the Hessian on a batch are larger in size than those of the Hessian on all data, at both ends.",
      short: "batch Hessians are sharper",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C2",
      statement: "The same holds for the generalized Gauss-Newton matrix.",
      short: "Gauss-Newton matrices too",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "So the largest learning rate of SGD grows in proportion to the batch size while noise dominates, and then levels off.",
      short: "SGD: linear, then a plateau",
      source: "abstract; the plateau: not read",
      reported:
        "linear scaling; the experiments on VGG and WideResNet with CIFAR-100 and ImageNet were not read",
    },
    {
      id: "C4",
      statement:
        "For adaptive methods with little damping, such as Adam, it grows as the square root of the batch size.",
      short: "Adam: the square root",
      source: "abstract",
      reported:
        "square root scaling; the experiments on VGG and WideResNet with CIFAR-100 and ImageNet were not read",
    },
    {
      id: "C5",
      statement:
        "Learning rate and momentum can be set while training from the spectrum of batch Hessians, without runs for these two hyperparameters.",
      short: "rates set on the fly",
      source: "abstract",
      reported:
        "“good preliminary results” on the Pre-Residual architecture with CIFAR-100; the figures were not read",
    },
    {
      id: "C6",
      statement:
        "The smallest usable damping of second-order and adaptive methods is proportional to learning rate over batch size.",
      short: "damping as α over batch",
      source: "abstract of an earlier version",
      reported: "proportional to learning rate over batch size",
    },
  ],
  experiments: [
    experiment({
      id: "random-matrices",
      title: "The random-matrix law of extreme eigenvalues",
      claims: ["C1", "C2", "C6"],
      load: () => import("./random-matrices.ts"),
    }),
    experiment({
      id: "network-hessian",
      title: "The Hessian of a batch against the Hessian of all data",
      claims: ["C1", "C2"],
      graph: true,
      load: () => import("./network-hessian.ts"),
    }),
    experiment({
      id: "largest-rates",
      title: "The largest workable learning rate against the batch size",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./largest-rates.ts"),
    }),
    experiment({
      id: "scaling-rules",
      title: "How the learning rate should follow the batch size",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./scaling-rules.ts"),
    }),
    experiment({
      id: "on-the-fly",
      title: "Learning rate and momentum set while training",
      claims: ["C5"],
      graph: true,
      load: () => import("./on-the-fly.ts"),
    }),
  ],
  remarks: [
    {
      title: "Why a batch limits the learning rate",
      text: [
        "A step of SGD is stable along a direction while its rate times the curvature of the batch, not of all data, stays below 2. The Hessian of a batch is that of all data plus noise of size 1/√b, and noise pushes extreme eigenvalues outwards: the mean of the largest eigenvalue always exceeds the largest eigenvalue of the mean, by convexity. By how much depends on the noise, which takes a model.",
        "For a spike λ under isotropic noise, the eigenvalue becomes λ + s²/(𝔟λ): half of the full-batch rate is lost at the critical batch s²/λ², and 1/α is a line in 1/b. Adaptive methods rescale the outliers away; what remains is the edge of the bulk, 2s/√𝔟, and the rate follows √𝔟.",
      ],
    },
    {
      title: "The law holds, the constant does not",
      text: [
        "On a real network the excess falls as 1/𝔟 as the model says, and is hundreds of times larger than the model’s constant says, because the noise of a row’s Hessian is not isotropic: it is concentrated in the directions of the outliers. The variance across the top eigenvector, one product of every row with it, gives a predictor that holds from batches of 32 on; below, where the noise is as large as the eigenvalue itself, second order is not enough and the excess is larger.",
        "The full profile’s network on Fashion-MNIST (784-64-10, one seed, no condition) shows the same more clearly: λ₁ is 10.5 on all rows, 22.5 on batches of 8 and 15.0 on batches of 32; the excess falls as 𝔟 to the power −0.97. The local predictor is 18 to 22% low up to batches of 32 and within 6% from 64 on; the isotropic s² of 0.185 predicts no visible excess, and the variance across the top eigenvector is 3200 times as large.",
        "The distinction matters for the linear law as well. With isotropic noise the spike drowns in the bulk at the critical batch, and below it the rate follows the square root even for SGD. That SGD is linear down to batches of one is therefore evidence against isotropic noise, not for it.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "The abstracts and the first author’s code were read; the body of the paper could not be. Formulas are the standard results that the abstract names, derived again; problems, sizes and criteria are ours. VGG, WideResNet, CIFAR-100 and ImageNet were not run.",
        "The claim on damping remains open: the damping at which the step 2/(λ + δ) stops overshooting follows from the law of the first claim by arithmetic (it is listed in a table), and no damped training is run. That a network’s excess falls as 1/𝔟, and that the local predictor matches it, are our own checks: the abstract says only that batches have larger eigenvalues.",
        "Both scaling rules are judged at two to eight times the batch, up to batches of 64: that is the range over which the largest rate of Adam is fitted, and the abstract does not limit either rule to a smaller one. The square root is not always closer to the base’s loss than the linear rule (for example at seed 2), so this claim is mixed over seeds. A square root for Adam is an empirical regime up to batches of about 64 here: its second moment itself depends on the batch. Scaling rules are compared by whether the loss stays the same, not by whether it is low: at two to eight times the batch Adam with the linear rule ends below the base.",
        "Squared overlaps converge slowly near the transition: for λ = −3 at 𝔟 = 2, matrices of order 400 overlap by 0.15 to 0.17 where the limit is 0.11. At order 2000 with 20 seeds, the full profile, they are within 0.031 of the limit, both ends of the spectrum are within 0.35% of the model, and the excess falls as 𝔟 to the power −1.015.",
        "The learner’s exact rule in the paper is unknown; the one here is a sound choice with a safety factor and a limit on growth. It does not decay the rate, so long runs on small batches end limited by noise, and where an epoch has few steps its Hessian-vector products cost nearly as much as a grid search.",
      ],
    },
  ],
};
