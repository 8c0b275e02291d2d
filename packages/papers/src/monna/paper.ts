import { experiment, type Paper } from "../paper.ts";

export const monna: Paper = {
  slug: "monna",
  number: 14,
  arxivId: "2209.10931",
  title: "Robust Collaborative Learning with Linear Gradient Overhead",
  claims: [
    {
      id: "C1",
      statement:
        "MoNNA is robust under standard assumptions: without a server, with uneven data and gradients of bounded variance, the honest nodes learn whatever f of n nodes send.",
      short: "honest nodes learn among liars",
      reported: "no figures found; the experiments have f/n = 5/26 and 3/16",
    },
    {
      id: "C2",
      statement:
        "Each node computes a factor 1 + c f more gradients than in fault-free distributed SGD: an overhead linear in the faulty nodes, where earlier methods pay orders of magnitude.",
      short: "linear gradient overhead",
      reported: "linear in the fraction of faulty nodes; constant not found",
    },
    {
      id: "C3",
      statement:
        "A round of nearest-neighbor averaging is an (α, λ)-reduction with both of order f/n: it shrinks the spread of the honest models and moves their mean by at most √λ times the spread.",
      short: "mixing reduces, λ of order f/n",
      reported: "α = 9.88 f/(n − f), λ = 9 f/(n − f), as remembered",
    },
    {
      id: "C4",
      statement:
        "Momentum is what makes nearest-neighbor averaging robust: MoNNA beats the same mixing without it and the published alternatives under four attacks.",
      short: "momentum makes the difference",
      reported: "in figures only",
    },
    {
      id: "C5",
      statement:
        "With different data an error of order (f/n) ζ² remains, whatever the step size, ζ² the scatter of the nodes' gradients.",
      short: "an error floor from different data",
      reported: "a bound; constant not found",
    },
  ],
  experiments: [
    experiment({
      id: "reduction",
      title: "One round of mixing: how much closer, how far astray",
      claims: ["C3"],
      load: () => import("./reduction.ts"),
    }),
    experiment({
      id: "price-of-faults",
      title: "The price of faults, in gradients",
      claims: ["C2", "C4"],
      load: () => import("./price-of-faults.ts"),
    }),
    experiment({
      id: "floor",
      title: "Different data: an error that no step size removes",
      claims: ["C5"],
      load: () => import("./floor.ts"),
    }),
    experiment({
      id: "four-attacks",
      title: "Digits under attack: who still learns",
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
        "n nodes know each other and have no server; up to f of them lie. In each step an honest node updates its momentum m ← βm + (1 − β)g with a stochastic gradient g of its own data, moves its model by −γm, and sends it to all. It waits for n − f models, its own among them, and takes the mean of the n − 2f nearest to its own: nearest-neighbor averaging.",
        "The abstract and the authors' code were read, the body of the paper was not. Claims in words follow the abstract; constants that are remembered and not verified are marked so.",
      ],
    },
    {
      title: "Why the mixing cannot be led far astray",
      text: [
        "A faulty model that a node keeps has pushed out an honest one at least as far away. A node leaves out at most 2f honest models. Since the honest deviations from their mean add up to zero, Cauchy-Schwarz bounds what is missing, and Minkowski adds up what the liars bring: both α and λ are at most C² with C = ((1 + √2)√(f(n − f)) + 2f)/(n − 2f).",
        "C is below 1 for n ≥ 12f + 1. The experiments on images have f/n = 5/26, where nothing is proved.",
      ],
    },
    {
      title: "Why momentum",
      text: [
        "A liar hides within the scatter of the honest models. The scatter comes from the noise of their gradients; momentum averages it over 1/(1 − β) steps, so that the place to hide shrinks while the way to the minimum does not. Without momentum and with four liars among 48, the price of faults is about 22 times the gradients; with it about 1.6 times.",
        "Momentum does nothing against different data: that scatter does not average out, and an error remains. Under ALIE it grows as f², more slowly than the bound.",
      ],
    },
    {
      title: "What the verdict says, and what it does not",
      text: [
        "The claim is about the worst attack, and the comparison is by the worst attack. Under single attacks MoNNA is not always the best: nearest-neighbor averaging without momentum is better under sign and label flips, and self-centered clipping may be better under ALIE. Momentum 0.99 also needs hundreds of steps to warm up.",
        "ALIE and FOE choose their strength by a line search against the rule, with all models received; the nodes mix n − f of them. The attack is the worst of its kind only approximately, and other attacks may be worse.",
        "As in the authors' code, self-centered clipping is trained on evenly shared data, unlike all others. Unlike there, the first local step of a node moves its own model alone: in the code all models are one array at first, so that the first step is the sum of all.",
        "The digits stand for MNIST in the experiment that runs everywhere. With the paper's network and image files a training takes minutes and the whole comparison 165 trainings: it has not been run to its end, so that nothing is said here of C1 and C4 at the paper's size. The quick profile of that experiment trains a small network on the digits, as a stand-in without a verdict.",
      ],
    },
    {
      title: "Where MoNNA loses",
      text: [
        "FOE sends (1 − z) times the honest mean, with the z that the rule lets through, and so pulls all models toward the origin, in every step by about as much as they scatter. A network that learns soon outruns that: the perceptron on the digits does. One that needs tens of steps before it learns anything does not. On the small convolutional network of the quick profile, with shares as uneven (α = 1) and f/n = 5/26, MoNNA stays at chance under FOE, as does the mixing without momentum.",
        "The paper's network on Fashion-MNIST learns at first: of one training under FOE with the paper's settings, 190 of 600 steps were followed. The accuracy of node 0 on 1,000 test images was 0.67 at step 100 and 0.55 at step 190, while the norm of the mean model fell from 13.9 to 1.8. How that ends was not measured, nor what the other attacks do there.",
      ],
    },
  ],
};
