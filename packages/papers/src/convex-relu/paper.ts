import { experiment, type Paper } from "../paper.ts";

export const convexRelu: Paper = {
  slug: "convex-relu",
  number: 7,
  arxivId: "2201.01965",
  title:
    "Efficient Global Optimization of Two-layer ReLU Networks: Quadratic-time Algorithms and Adversarial Training",
  headline:
    "Convex training finds networks with a certified distance to the global optimum, below 0.1% in these experiments; robust convex training is right on 84% of the unseen digits under PGD and certifies as many, against 19% for standard convex training (medians over 20 seeds).",
  claims: [
    {
      id: "C1",
      statement:
        "Training a network with one hidden layer of ReLUs and weight decay is a finite convex program: its solution gives a globally optimal network, whereas descent can end in spurious local minima.",
      short: "training is a convex program",
      source: "abstract; the equivalence is that of Pilanci and Ergen (2020)",
      reported: "not read",
    },
    {
      id: "C2",
      statement:
        "Sampling activation patterns gives a tractable approximation whose quality is characterized: with enough sampled patterns, one more lowers the optimum only with small probability.",
      short: "sampled patterns suffice",
      source: "abstract; the theorem was not read",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "ADMM solves the exact and the sampled program with linear convergence, at a cost per iteration that is quadratic for the sampled program; a few iterations already predict well.",
      short: "ADMM: linear, quadratic time",
      source: "abstract; the theorem was not read",
      reported: "not read",
    },
    {
      id: "C4",
      statement:
        "A sampled convex program over random hidden directions, unconstrained and simpler to implement, converges to an approximately globally optimal classifier.",
      short: "sampled directions are near optimal",
      source: "abstract; the theorem was not read",
      reported: "not read",
    },
    {
      id: "C5",
      statement:
        "Convex programs from robust optimization train networks that withstand adversarial inputs better than standard convex training and than descent on adversarial examples.",
      short: "convex adversarial training",
      source: "abstract; the comparison with descent is that of the experiments, which were not read",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "global-optimum",
      title: "The global optimum, proved",
      claims: ["C1", "C3"],
      load: () => import("./global-optimum.ts"),
    }),
    experiment({
      id: "sampling-quality",
      title: "How many patterns, how many directions",
      claims: ["C2", "C4"],
      load: () => import("./sampling-quality.ts"),
    }),
    experiment({
      id: "two-classes",
      title: "Two classes of images against Adam",
      claims: ["C3"],
      load: () => import("./two-classes.ts"),
    }),
    experiment({
      id: "adversarial",
      title: "Adversarial training",
      claims: ["C5"],
      load: () => import("./adversarial.ts"),
    }),
    experiment({
      id: "iteration-cost",
      title: "What an iteration costs",
      claims: ["C3"],
      load: () => import("./iteration-cost.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "For a fixed pattern of active rows a hidden unit is linear. The convex program has two blocks of weights for each pattern, one for each sign of the output weight, keeps every block inside the cone of its pattern, and penalizes the blocks’ lengths. With all patterns its optimum is that of training with weight decay at any sufficient width, and each nonzero block is a hidden unit of an optimal network.",
        "ADMM splits the program into a linear system, a shrinkage of the blocks and a clipping of their inputs. The sampled convex program fixes the units’ directions instead and leaves a lasso in their output weights.",
      ],
    },
    {
      title: "A certificate that ordinary training does not give",
      text: [
        "The dual of the program bounds the objective of every network, of any width, from below: certifyNetwork evaluates that bound for any network, including one trained by Adam, and says how far from the global optimum it can be. The bound needs the largest violation of the dual’s constraint over all directions. With at most two columns, including an intercept, that maximum is exact and the bound is proved; otherwise a local search finds it and the bound is called estimated, because a larger violation that the search missed would lower it.",
        "The refinement that closes the gap is ours: hidden directions are added where the constraint is violated, as in column generation.",
      ],
    },
    {
      title: "What was read, and what is ours",
      text: [
        "The abstract and the authors’ code for an interior-point baseline were read; the body of the paper could not be. Formulas are reconstructed from the theory that it builds on, its numbers are given as “not read”, and the sizes of the experiments are ours.",
        "Also ours are the form of ADMM’s linear system that never forms the two large matrices, the splitting for the robust programs (the paper uses a conic solver), and the dual bounds for both.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "The lowest training objective does not give the best network. On the images of two classes ADMM ends far below Adam’s objective, yet at a small penalty Adam’s network can still be more accurate; the sweep over β shows where that changes.",
        "The first experiment was changed in two ways after its first measurement, which had counted slow runs as converged: the residual now includes the changes of the copies, and the claim on the optimum rests on refined networks with a proved gap. The number of problems also went from 8 to the 16 that had been planned.",
        "On degenerate problems the rate of linear convergence is close to 1, so each small problem is run with two penalties ρ and the better run counts.",
        "ADMM is judged by a residual of 1e-9, which combines the copies and their changes, and some of the problems are degenerate: at most seeds one or two of the 16 have not reached it after 10,000 iterations, which is why C3 is mixed. C1 does not rest on ADMM; its optimum is that of the refined network, whose gap is proved.",
        "The cost of an iteration is judged by operations counted in the method. Seconds are only shown: the exponent fitted to them differs widely from seed to seed, although all seeds do the same work. Sampling asks for more patterns as rows are added, so both grow together in one of the two checks, and there the exponent is close to 2.",
        "With 160 patterns the optimum is within 10% of the global one at 15 of 20 seeds, and 32% above it at the worst seed. Directions have to be sampled in larger numbers for the same accuracy, but 4,000 of them met the bound at every seed.",
        "Comparisons with descent on adversarial examples rest on a few hundred test images and can go either way from seed to seed; the verdict counts seeds.",
      ],
    },
  ],
};
