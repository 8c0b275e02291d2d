import { experiment, type Paper } from "../paper.ts";

export const normalizedLogisticGd: Paper = {
  slug: "normalized-logistic-gd",
  number: 12,
  arxivId: "2412.08424",
  title:
    "From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes",
  headline:
    "With large step sizes logistic regression by gradient descent follows the batch perceptron to rounding and separates the data sooner at higher losses; on one wrong sample among n its iterations grow as n, those of the normalized method do not.",
  claims: [
    {
      id: "C1",
      statement:
        "Logistic regression with gradient descent (LR+GD) reduces to the batch perceptron as its step size γ grows: θ_t/γ converges to the perceptron’s iterate.",
      short: "LR+GD → batch perceptron",
      source: "abstract, first observation",
      reported: "a limit, without a number; theorem: not read",
    },
    {
      id: "C2",
      statement:
        "Larger step sizes lead to higher logistic losses and yet to faster separation of the classes, so the loss is an unreliable measure of the distance to a solution.",
      short: "higher loss, earlier separation",
      source: "abstract, second observation",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "The iteration complexity of LR+GD with large step sizes is suboptimal: it has a factor n, the number of samples.",
      short: "LR+GD pays a factor n",
      source: "abstract, third observation; the factor n is derived here",
      reported: "“suboptimal”; bound: not read",
    },
    {
      id: "C4",
      statement:
        "Normalized LR+GD has a much better guarantee: at most R²/μ² iterations in the limit of large step sizes (R the longest sample, μ the margin), without the factor n.",
      short: "normalized: no factor n",
      source: "abstract; the bound is derived here",
      reported: "“much better theoretical guarantees”; bound: not read",
    },
    {
      id: "C5",
      statement:
        "LR+GD finds a separating vector with arbitrarily large step sizes, far above the classical limit 2/L.",
      short: "any step size separates",
      source: "abstract",
      reported: "“arbitrarily large step sizes”; no number",
    },
  ],
  experiments: [
    experiment({
      id: "step-size-sweep",
      title: "Larger steps: higher losses, earlier separation",
      claims: ["C2", "C5"],
      seedless: true,
      load: () => import("./step-size-sweep.ts"),
    }),
    experiment({
      id: "equivalence",
      title: "With large steps, gradient descent is the batch perceptron",
      claims: ["C1"],
      seedless: true,
      load: () => import("./equivalence.ts"),
    }),
    experiment({
      id: "factor-n",
      title: "The factor n: one wrong sample among n",
      claims: ["C3", "C4"],
      seedless: true,
      load: () => import("./factor-n.ts"),
    }),
    experiment({
      id: "bounds",
      title: "Every bound, on random separable data",
      claims: ["C4"],
      load: () => import("./bounds.ts"),
    }),
    experiment({
      id: "imbalanced",
      title: "Where normalization helps: rare classes",
      claims: ["C4"],
      seedless: true,
      load: () => import("./imbalanced.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "Samples a_i with labels y_i = ±1 have margins m_i = y_i a_i·θ, and the logistic loss weighs each sample by p_i = 1/(1 + e^{m_i}). LR+GD adds γ times the mean of p_i y_i a_i. Normalized LR+GD adds β times the weighted mean: θ ← θ + β Σ p_i y_i a_i / Σ p_i.",
        "The abstract does not give this formula, and the theorems could not be read. It is a reconstruction from what the abstract says: normalized, and based on the connection to the perceptron. As β grows it becomes a perceptron that adds the mean of only the wrong samples. The bounds shown here were derived for this formula, not taken from the paper.",
      ],
    },
    {
      title: "Why the normalized bound has no n",
      text: [
        "Let θ* be the unit vector with the largest margin μ, and q_i = p_i/Σp, which sum to 1. Every step adds at least βμ to θ·θ*, because each y_i a_i·θ* is at least μ. After T steps ‖θ‖ ≥ βμT.",
        "The squared norm grows by at most 2β Σ q_i m_i + β²R² in a step. While a sample is wrong, Σ p_i ≥ 1/2, and since p_i ≤ e^{−m_i} the concavity of the logarithm gives Σ q_i m_i ≤ ln(n/Σp) ≤ ln(2n); samples with m_i ≤ 0 only help.",
        "So (βμT)² ≤ T (2β ln(2n) + β²R²), that is T ≤ R²/μ² + 2 ln(2n)/(βμ²). For large β only R²/μ² remains.",
        "For LR+GD the weights p_i/n take the place of q_i. They sum to as little as 1/(2n) while one sample is wrong, so a step may add no more than γμ/(2n) to θ·θ*: that is where n enters.",
      ],
    },
    {
      title: "When does the factor n hurt?",
      text: [
        "It hurts when few samples stay wrong for long: a rare class, outliers near the boundary, many copies of the same sample. Each step then moves by the wrong samples’ share of n.",
        "It does not hurt when a fixed share of the samples is wrong until the end, as on balanced data without structure. There the mean gradient is the better direction, and normalization only makes the last steps larger.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "C3 and C4 are statements about the worst case. C3 is judged on the hard set, where the iterations of LR+GD grow as n; staying below upper bounds would not show that the factor is real, so those are listed as our checks. On easy balanced digits (4 against 9) the normalized method needs about twice the iterations of LR+GD at step size 100: normalization does not help there.",
        "None of this is about test accuracy. A separating vector that is found sooner is not a better classifier, and the paper does not claim so.",
        "Only the bounds on random sets draw random numbers. The other experiments use fixed data and start at θ = 0, so the seed changes nothing in them.",
        "R and μ depend on the intercept and the scaling of the features. Here pixels are divided by their largest value, without intercept and without centering. On centered Gaussian data LR+GD separates in a few steps for any γ, and none of the effects appears.",
        "Counts at γ ≤ 100 on the digits are the same on every machine. At larger step sizes late ties depend on the order of summation, so counts may differ by a few percent. Steps of the online perceptron are updates by one sample and cost d operations; a batch step costs n times as much, which the tables show as flops.",
      ],
    },
  ],
};
