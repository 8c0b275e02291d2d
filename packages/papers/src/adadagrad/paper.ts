import { experiment, type Paper } from "../paper.ts";

export const adadagrad: Paper = {
  slug: "adadagrad",
  number: 16,
  arxivId: "2402.11215",
  title: "AdAdaGrad: Adaptive Batch Size Schemes for Adaptive Gradient Methods",
  headline:
    "On a regression with fresh samples, batches that pass the norm test reach a stationary point in 28 to 115 times fewer steps than batches of 8 (20 seeds), and with fewer samples; in image classification the gain in accuracy over full batches depends on the data.",
  claims: [
    {
      id: "C1",
      statement:
        "AdaGradNorm with batches that pass the norm test finds a stationary point of a smooth nonconvex function at rate O(1/K) in the number of steps K.",
      short: "rate 1/K in steps",
      source: "abstract",
      reported: "proved, with high probability",
    },
    {
      id: "C2",
      statement: "AdaGrad with a coordinate-wise norm test converges similarly.",
      short: "AdaGrad with a coordinate-wise test",
      source: "abstract",
      reported: "similar convergence; the theorem was not read",
    },
    {
      id: "C3",
      statement: "Batch sizes increase during training by themselves, without a schedule.",
      short: "batches grow by themselves",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C4",
      statement:
        "On image classification the schemes train efficiently and generalize well: in fewer steps than small batches, and with better accuracy than large ones.",
      short: "few steps and good accuracy",
      source: "abstract",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "rate",
      title: "Steps and samples to a stationary point",
      claims: ["C1", "C2", "C3"],
      graph: true,
      load: () => import("./rate.ts"),
    }),
    experiment({
      id: "relative-noise",
      title: "Noise of the batch gradient relative to the gradient",
      claims: [],
      graph: true,
      load: () => import("./relative-noise.ts"),
    }),
    experiment({
      id: "steps-and-accuracy",
      title: "Steps and accuracy on the 8 × 8 digits",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./steps-and-accuracy.ts"),
    }),
    experiment({
      id: "larger-data",
      title: "Steps and accuracy on larger data",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./larger-data.ts"),
    }),
  ],
  remarks: [
    {
      title: "How it works",
      text: [
        "The gradient g of a batch of b samples has a squared error of about ‖V‖₁/b, with V the variance of the per-sample gradients. The norm test requires this to be at most η²‖g‖². If it is not, the next batch has ‖V‖₁/(η²‖g‖²) samples, up to a maximum. Batches never shrink.",
        "Near a stationary point the gradient vanishes and the noise of a single sample does not: with batches of one size the noise dominates, and only ever smaller steps make progress. Batches that pass the test keep the noise in proportion to the gradient, and the method converges as if there were no noise: in far fewer steps than with small batches of one size, and without more samples.",
      ],
    },
    {
      title: "What it costs",
      text: [
        "The test needs Σ‖gᵢ‖², but no per-sample gradients. For a dense layer with inputs aᵢ and output derivatives dᵢ, ‖gᵢ‖² = ‖aᵢ‖²‖dᵢ‖²; the batch gradient and the norms come from one pass. The inner products ⟨gᵢ, g⟩ of the other tests take one additional forward-mode derivative.",
        "One compiled program serves every batch size. Large batches may be processed in micro-batches; the statistics are merged by a centered update and do not depend on the split.",
      ],
    },
    {
      title: "How to read the verdict",
      text: [
        "The abstracts of two versions and the authors’ code were read; the body of the paper, with its theorems and result tables, could not be. The rate is a bound, and a finite run can only be consistent with it: the check asks that a tenth of the squared gradient take at most ten times the steps.",
        "On the digits, η = 0.5 beats full batches by less than a percentage point: about 0.002 with ten seeds, starting as PyTorch does; from Glorot’s weights the same ten seeds gave 0.004 and, with another split of the rows, 0.008. One digit in 360 is 0.003. On larger data, where full batches take only a few steps, the gain is large.",
        "The quick runs on the digits have three seeds, and their accuracies are within noise of one another.",
        "The authors’ code trains convolutional networks on MNIST and CIFAR-10 and ResNets on CIFAR and ImageNet, with 6 to 256 million samples. C4 is judged on perceptrons and softmax regression, with at most 71,850 samples at quick size.",
        "The last experiment runs on the bundled 8 × 8 digits at nine positions each, up to 12,933 training images; at full size it runs on Fashion-MNIST and MNIST, whose files it reads from the data directory.",
      ],
    },
    {
      title: "Compared with one batch size and as many steps",
      text: [
        "This is a stronger comparison than the one in the paper’s abstract: batches of one size that take as many steps on as many samples. There the schemes are mostly behind, on the digits and on Fashion-MNIST. Early small batches have large gradients, and AdaGrad accumulates their squares permanently: every later step is shorter than in a run that began with large batches.",
      ],
    },
    {
      title: "Differences from the authors’ code",
      text: [
        "The expected gradient and the covariance of the regression are computed exactly, by integrals over the residual, and not as averages of 200,000 samples: no sampling noise limits them, and the tests compare the two.",
        "All statistics are over the whole model. The authors’ code sums over layers in the inner-product and orthogonality tests, which leaves out covariances between layers, and its AdaGradNorm keeps one accumulator per row of a layer; here there is one for the whole model, as in the theory.",
        "The coordinate-wise test is not in the authors’ code. Taken literally it requires an unbounded batch whenever one coordinate of the gradient is near zero: with ten coordinates its batches reach the maximum within about ten steps. A floor under the squares is an option.",
        "The lag of one step is the authors’ rule. With `retry`, a batch that fails the test grows before its step, which is closer to the exact test.",
      ],
    },
  ],
};
