import { experiment, type Paper } from "../paper.ts";

export const deepConjugateDirection: Paper = {
  slug: "deep-conjugate-direction",
  number: 8,
  arxivId: "2205.10763",
  title: "A Deep Conjugate Direction Method for Iteratively Solving Linear Systems",
  headline:
    "With search directions from a network trained on the empty box, Neumann’s problem on 32 x 32 cells takes 0.14 of the iterations of conjugate gradients (median), and at most 0.34 of them around obstacles that the network never saw; in time, conjugate gradients and multigrid win.",
  claims: [
    {
      id: "C1",
      statement:
        "A convolutional network that approximates the action of the inverse up to a scale, as the generator of search directions in a conjugate-direction loop, reaches a given tolerance in a small number of iterations.",
      short: "few iterations, any tolerance",
      source: "abstract; the authors’ test script solves to 1e-4 within 100 iterations",
      reported: "not read",
    },
    {
      id: "C2",
      statement: "The number of iterations does not depend on the size of the problem.",
      short: "iterations independent of the size",
      source: "abstract; the authors’ code has one network for each training size",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "A network trained on the empty box generalizes to systems that were not in its training data: interior obstacles and other right-hand sides.",
      short: "generalizes to unseen obstacles",
      source: "abstract; the bunny and the smoke plume of the authors’ code",
      reported: "not read",
    },
    {
      id: "C4",
      statement:
        "Training is unsupervised: the loss needs the matrix and residuals alone, and an exact line search inside it removes the unknown scale.",
      short: "unsupervised training",
      source: "abstract; the loss is that of the authors’ code",
      reported: "not read",
    },
    {
      id: "C5",
      statement: "Two stored directions are enough to make new ones conjugate; more do not help much.",
      short: "two stored directions are enough",
      source: "the authors’ code; the ablation in the paper was not read",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "unseen-geometry",
      title: "Obstacles that were not in the training data",
      claims: ["C1", "C3"],
      graph: true,
      load: () => import("./unseen-geometry.ts"),
    }),
    experiment({
      id: "size-independence",
      title: "Iterations and size",
      claims: ["C2"],
      graph: true,
      load: () => import("./size-independence.ts"),
    }),
    experiment({
      id: "three-dimensions",
      title: "In a cube",
      claims: ["C1", "C3"],
      graph: true,
      load: () => import("./three-dimensions.ts"),
    }),
    experiment({
      id: "properties",
      title: "What holds for any source of directions",
      claims: ["C1", "C5"],
      graph: true,
      load: () => import("./properties.ts"),
    }),
    experiment({
      id: "training-sets",
      title: "What the network is trained on",
      claims: ["C4"],
      graph: true,
      load: () => import("./training-sets.ts"),
    }),
    experiment({
      id: "time",
      title: "Wall-clock time",
      claims: [],
      graph: true,
      load: () => import("./time.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "Conjugate gradients step along residuals, each made conjugate to the direction before. Here a convolutional network turns the residual into a direction instead, which is made conjugate to the last two directions, and an exact line search decides how far to go. Whatever the network returns, the error never grows in the norm of A; a good network makes it fall fast.",
        "The network is trained on the matrix of the empty box alone. Its loss is the residual that a step along its output leaves, on random mixtures of approximate eigenvectors (Ritz vectors) in which the smooth half is nine times as strong.",
      ],
    },
    {
      title: "When it does not pay",
      text: [
        "The claim is about iterations. An iteration with the network takes many times as long as one of conjugate gradients, and on these grids on a CPU plain conjugate gradients win in time; multigrid wins in iterations as well, and needs no training. The experiment on time shows by how much.",
        "The Lanczos process gives one vector of each multiple eigenvalue, of which a square has many, until rounding brings the others. Trained on 102 of its steps, the network for 16 x 16 cells took 25 iterations for a plume in the empty box; trained on the whole process it takes 5.",
        "Counts grow with the size even with a network for each. In a full run (seed 1) networks trained alike take 5 iterations for a plume on 16 x 16 cells, 10 on 32 x 32 and 19 on 64 x 64: fewer than conjugate gradients everywhere. A network sees as far as its convolutions reach; on a larger grid, longer waves take many iterations.",
        "A network that is trained too briefly fails all at once: its directions then stop lowering the error. conjugateDirections detects this and continues with residuals, that is, with conjugate gradients.",
      ],
    },
    {
      title: "What was read, and what is ours",
      text: [
        "The abstract and the authors’ code (solver, data, training, test script) were read; the paper’s tables and figures could not be, and its numbers are given as “not read”. The code was not copied.",
        "The sizes are ours (squares of 16 and 32 cells per side and cubes of 16, in the full profile squares of 64 and cubes of 32, instead of cubes of 64 to 256), and so are the networks with half of the authors’ filters in the quick runs, the smaller number of training vectors (3,000 instead of 20,000) and the right-hand sides. Training vectors are kept within the range of the matrix; otherwise rounding would mix its null space into them.",
        "The networks that the quick runs use come with the paper, with the command that trained them: node packages/papers/scripts/train-direction-networks.ts 16 32 16^3. The full profile trains networks with all filters from the seed of the run.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "With the shipped networks a seed decides the right-hand sides and the random obstacles, not the training; the full profile and the experiment on training vary the training too.",
        "In a browser a network can be trained for only 400 steps. The first runs judged such networks by the systems they solve, on 16 and 32 cells per side, and the claim on training did not hold: a plume around a disk took more than 100 iterations. Now the full profile, with 1,200 steps, decides that part: at seed 1 the network took 0.51 of the iterations of conjugate gradients, just above the required half.",
        "Losses of networks trained on different vectors cannot be compared: white noise gives the smaller loss, and a small loss on white noise says nothing about long waves.",
      ],
    },
  ],
};
