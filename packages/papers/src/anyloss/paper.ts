import { experiment, type Paper } from "../paper.ts";

export const anyloss: Paper = {
  slug: "anyloss",
  number: 4,
  arxivId: "2405.14745",
  title: "AnyLoss: Transforming Classification Metrics into Loss Functions",
  headline:
    "Training for a metric raises it on imbalanced data (F1 from 0.55 to 0.63 on the paper’s own set) and makes no difference for accuracy; cross-entropy with a tuned threshold does as well.",
  claims: [
    {
      id: "C1",
      statement:
        "Any metric of the binary confusion matrix becomes a differentiable loss once a steep sigmoid pushes each predicted probability toward 0 or 1.",
      short: "any metric is a loss",
      source: "abstract; Section 3",
      reported: "derivatives in closed form",
    },
    {
      id: "C2",
      statement:
        "Training on the loss of a metric gives a better value of that metric on unseen rows than cross-entropy or squared error; for accuracy there is no practical difference.",
      short: "gains in the metric trained for",
      source: "abstract; Section 4.1",
      reported:
        "on 102 sets, mean gain over BCE: F1 +0.112, F2 +0.220, G-mean +0.190, accuracy +0.006 (from the authors’ result tables)",
    },
    {
      id: "C3",
      statement: "The gain grows as the positive class gets rarer.",
      short: "rarer class, larger gain",
      source: "abstract; Section 4.2",
      reported:
        "mean gain in G-mean +0.277 below 10% positives, +0.048 at 30 to 40% (from the authors’ result tables)",
    },
    {
      id: "C4",
      statement:
        "An iteration costs about as much as one of cross-entropy, and less than one of the score-oriented loss.",
      short: "about the cost of BCE",
      source: "abstract; Section 4.3",
      reported:
        "time over BCE’s: 0.94 to 1.06 (Keras), 1.11 to 1.61 (NumPy); score-oriented loss 1.07 to 1.16 (from the authors’ notebooks)",
    },
    {
      id: "C5",
      statement: "A slope of L = 73 is a good default for the amplifier.",
      short: "slope 73 is a good default",
      source: "Section 5; tables in the authors’ README",
      reported: "L = 73 wins most often of 30, 50, 73, 90, 110: on 31 of 102 sets in accuracy, 27 in F1",
    },
    {
      id: "C6",
      statement:
        "On the paper’s “random” set the losses do as well in their own metrics as resampling and the score-oriented loss.",
      short: "as good as SOL and resampling",
      source: "Section 4.2; the authors’ notebooks",
      reported:
        "F1 0.637, balanced accuracy 0.852; score-oriented loss F1 0.634, balanced accuracy 0.868; SMOTE F1 0.622, balanced accuracy 0.787",
    },
  ],
  experiments: [
    experiment({
      id: "targeting",
      title: "Training for a metric improves that metric",
      claims: ["C2", "C3"],
      graph: true,
      load: () => import("./targeting.ts"),
    }),
    experiment({
      id: "mechanism",
      title: "The amplifier, and the gradients of metric losses",
      claims: ["C1"],
      graph: true,
      load: () => import("./mechanism.ts"),
    }),
    experiment({
      id: "small-tasks",
      title: "Small real data sets",
      claims: ["C2"],
      graph: true,
      load: () => import("./small-tasks.ts"),
    }),
    experiment({
      id: "random-set",
      title: "The paper’s “random” set: eight losses, resampling, and a tuned threshold",
      claims: ["C2", "C6"],
      graph: true,
      load: () => import("./random-set.ts"),
    }),
    experiment({
      id: "starting-point",
      title: "Starting a network where the loss has a gradient",
      claims: [],
      graph: true,
      load: () => import("./starting-point.ts"),
    }),
    experiment({
      id: "slope-and-speed",
      title: "The slope of the amplifier, and the cost of an iteration",
      claims: ["C4", "C5"],
      graph: true,
      load: () => import("./slope-and-speed.ts"),
    }),
  ],
  remarks: [
    {
      title: "How it works",
      text: [
        "Predicted probabilities p go through A(p) = σ(L(p − c)), which is close to the decision “p > c”. Summed over rows, A and 1 − A give a soft confusion matrix; any metric of its four counts is then differentiable, and 1 − metric is the loss.",
        "The four counts are summed without subtraction (true negatives as Σ(1 − y)σ(−L(p − c)), for instance), so none becomes negative by rounding and G-mean’s square root never receives a negative number.",
      ],
    },
    {
      title: "Compared with a tuned threshold",
      text: [
        "Cross-entropy with its threshold at ½ is a weak baseline for F1 or balanced accuracy. Choosing the threshold of a cross-entropy model on the training rows gives about the same scores as AnyLoss on the “random” set; AnyLoss needs no search.",
        "For accuracy the threshold ½ is already right, which is why training for accuracy makes no practical difference, here as in the authors’ result tables.",
        "On data sets that are nearly separable all methods tie.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "The body of the paper could not be read. Section numbers and reported figures come from the authors’ repository: its README, notebooks and stored results on 102 data sets.",
        "The claim is about the average over data sets: in the authors’ own tables the loss of F1 is below cross-entropy on 10 of 102 sets. So the checks look at mean gains and at the paper’s Bayesian sign test with its rope of 0.01, not at the worst task, whose folds of 200 rows are noisier than that.",
        "On the “random” set every metric is judged. The weakest is F0.5, whose gain over cross-entropy is about 0.012 in ten folds; with the three folds of the quick run it falls below 0.01 at some seeds.",
        "Times depend on the machine. The verdict on the cost counts operations instead: those of matrix products, and one for each element that another operation reads or writes. The times are shown beside them.",
      ],
    },
    {
      title: "Start where there is a gradient",
      text: [
        "With L = 73 the gradient vanishes once p is about 0.2 away from ½, so a network that starts with confident predictions can stay in a corner where every row is assigned to one class. gradus starts the output layer at zero, where p = ½ for every row; a cross-entropy warm start is an option.",
        "For accuracy on rare positives the zero start is not enough, because predicting only the majority class is itself a flat region of that loss; training by cross-entropy for the first third of the epochs solves this.",
        "In float64, 73 is the largest integer slope for which A(1) rounds to less than 1. With every step rounded to float32 that limit is 33, and the losses warn above it.",
      ],
    },
    {
      title: "Differences from the authors’ code",
      text: [
        "Features are standardized on the training rows of each fold, not on the whole set; each fold and each loss starts from fresh weights; the number of rows in G-mean and balanced accuracy is the batch’s.",
        "The authors’ gradient of G-mean carries a factor 2 where the derivative has ½. Its direction is the same; here the graph is differentiated, so the factor is the correct one.",
      ],
    },
  ],
};
