import { experiment, type Paper } from "../paper.ts";

export const monna: Paper = {
  slug: "monna",
  number: 14,
  arxivId: "2209.10931",
  title: "Robust Collaborative Learning with Linear Gradient Overhead",
  headline:
    "Momentum lowers the gradient overhead of four faulty nodes among 48 from 22 to 1.7 times the fault-free cost; with five faulty nodes among 26, the FOE attack costs MoNNA 0.03 to 0.19 in accuracy on the digits, depending on the seed.",
  claims: [
    {
      id: "C1",
      statement:
        "MoNNA is robust under standard assumptions: without a trusted server, with heterogeneous data and gradient noise of bounded variance, the honest nodes learn whatever f of n nodes send.",
      short: "honest nodes learn under attack",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C2",
      statement:
        "The number of gradients that each node computes, relative to fault-free distributed SGD, grows only linearly with the fraction of faulty nodes.",
      short: "linear gradient overhead",
      source: "abstract",
      reported: "an overhead linear in f/n, conjectured to be tight; its constant was not read",
    },
    {
      id: "C3",
      statement:
        "A round of nearest-neighbor averaging is an (α, λ)-reduction with both of order f/n: it shrinks the spread of the honest models and moves their mean by at most √λ times the spread.",
      short: "mixing reduces, λ of order f/n",
      source: "abstract, which introduces (α, λ)-reduction; the theorem was not read",
      reported: "not read",
    },
    {
      id: "C4",
      statement:
        "Momentum is what makes nearest-neighbor averaging robust: under four attacks MoNNA beats the same mixing without momentum and the published alternatives.",
      short: "momentum makes the difference",
      source: "abstract; the comparison is the one of the authors’ code",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "reduction",
      title: "One round of mixing: spread and shift of the mean",
      claims: ["C3"],
      load: () => import("./reduction.ts"),
    }),
    experiment({
      id: "price-of-faults",
      title: "Gradient overhead by number of faulty nodes",
      claims: ["C2", "C4"],
      load: () => import("./price-of-faults.ts"),
    }),
    experiment({
      id: "floor",
      title: "Heterogeneous data: an error that no step size removes",
      claims: [],
      load: () => import("./floor.ts"),
    }),
    experiment({
      id: "four-attacks",
      title: "Digits under four attacks",
      claims: ["C1", "C4"],
      graph: true,
      load: () => import("./four-attacks.ts"),
    }),
    experiment({
      id: "images",
      title: "A convolutional network under attack",
      claims: ["C1", "C4"],
      graph: true,
      load: () => import("./images.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "n nodes know each other and have no server; up to f of them are Byzantine. In each step an honest node updates its momentum m ← βm + (1 − β)g with a stochastic gradient g of its own data, moves its model by −γm, and sends it to all. It waits for n − f models, including its own, and takes the mean of the n − 2f nearest to its own: nearest-neighbor averaging.",
        "The abstract and the authors’ code were read; the body of the paper could not be. That is why the constants of its theorems and its accuracies are given as “not read”, and why the error that heterogeneous data leave is measured as an extension.",
      ],
    },
    {
      title: "Why the mixing moves the mean so little",
      text: [
        "A faulty model that a node keeps has displaced an honest one at least as far away. A node leaves out at most 2f honest models. Since the deviations of the honest models from their mean sum to zero, the Cauchy-Schwarz inequality bounds what is missing, and Minkowski’s inequality adds what the faulty models contribute: both α and λ are at most C² with C = ((1 + √2)√(f(n − f)) + 2f)/(n − 2f).",
        "C is below 1 for n ≥ 12f + 1. The experiments on images have f/n = 5/26, where this bound proves nothing.",
      ],
    },
    {
      title: "Why momentum",
      text: [
        "A Byzantine model hides within the scatter of the honest models. The scatter comes from gradient noise; momentum averages it over 1/(1 − β) steps, so the hiding place shrinks while progress toward the minimum does not. With four faulty nodes among 48, the gradient overhead is about 22 without momentum and about 1.7 with it. The paper’s bound is linear in f; the overhead measured under ALIE stays below it but grows faster than f, to 1.04, 1.17, 1.37 and 1.66 times the fault-free cost for one to four faulty nodes (medians over 20 seeds).",
        "Momentum does not help against heterogeneous data: that scatter does not average out, and an error remains. Under ALIE it grows as f², and stays below f/n.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "The claim concerns the worst attack, so methods are compared by their worst attack. Under a single attack MoNNA is not always the best: nearest-neighbor averaging without momentum is better under sign and label flips, and self-centered clipping may be better under ALIE. Momentum 0.99 also needs hundreds of steps to warm up.",
        "That MoNNA loses more than 0.1 in accuracy under FOE at some seeds does not contradict a theorem: f/n = 5/26 is the paper’s experimental setting, beyond what the bound above covers.",
        "ALIE and FOE choose their strength by a line search against the rule applied to all models, while nodes mix n − f of them. The attack is therefore only approximately the worst of its kind, and other attacks may be worse.",
        "As in the authors’ code, self-centered clipping is trained on evenly shared data, unlike all others. Unlike in that code, a node’s first local step moves only its own model: there all models initially share one array, so the first step is the sum of all.",
        "The quick run of the four attacks compares MoNNA with the same mixing without momentum and with the trimmed mean under all four, and three more methods under the sign flip only, which is enough to defeat them. The full run compares all methods under all attacks.",
        "The paper’s network on MNIST takes minutes per training, and the whole comparison is 165 trainings: it has not been completed. C1 and C4 are therefore judged on the digits only.",
      ],
    },
    {
      title: "Where MoNNA loses",
      text: [
        "FOE sends (1 − z) times the honest mean, with the z that has the largest effect on the rule, and so pulls all models toward the origin, in each step by about as much as they scatter. A network that learns fast, like the perceptron on the digits, partly outruns that. One that needs tens of steps before it learns anything does not. The perceptron loses 0.03 to 0.19 in accuracy (20 seeds). On the small convolutional network of the quick profile, with equally uneven shares (α = 1) and f/n = 5/26, MoNNA stays at chance under FOE, as does the mixing without momentum.",
        "The loss of 0.19, at seed 1, comes from the data shares. With the rows, weights, batches or arrivals of three other seeds the accuracy stays between 0.73 and 0.77 (0.75 at seed 1), with the shares of three others it is 0.82 to 0.90, and neither a finer line search nor 600 steps changes it. Of the shares of ten seeds those of seed 1 are the most uneven: the squared distance of a node’s class proportions from their mean is 0.115 on average, against 0.07 to 0.1. That scatter does not average out over steps, so FOE can hide in it. A separate implementation in NumPy, given these shares but its own weights and batches, loses 0.20, and 0.03 to 0.11 with the shares of the other nine seeds.",
        "The paper’s network on Fashion-MNIST learns at first: one training under FOE with the paper’s settings was followed for 190 of 600 steps. The accuracy of node 0 on 1,000 test images was 0.67 at step 100 and 0.55 at step 190, while the norm of the mean model fell from 13.9 to 1.8. Neither the end of that training nor the other attacks were measured on Fashion-MNIST.",
      ],
    },
  ],
};
