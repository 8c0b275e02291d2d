import { experiment, type Paper } from "../paper.ts";

export const adadagrad: Paper = {
  slug: "adadagrad",
  number: 16,
  arxivId: "2402.11215",
  title: "AdAdaGrad: Adaptive Batch Size Schemes for Adaptive Gradient Methods",
  claims: [
    {
      id: "C1",
      statement:
        "AdaGradNorm on batches that pass the norm test comes to a stationary point at rate O(1/K) in the number of steps K, against O(1/√K) on batches of one size: the test makes the noise proportional to the gradient.",
      short: "rate 1/K in steps, not 1/√K",
      reported: "proven, with high probability",
    },
    {
      id: "C2",
      statement: "AdaGrad with a rate a coordinate and a coordinate-wise test converges in the same way.",
      short: "AdaGrad too",
      reported: "proven",
    },
    {
      id: "C3",
      statement: "Batches grow during training by themselves, without a schedule.",
      short: "batches grow by themselves",
      reported: "shown on image classification",
    },
    {
      id: "C4",
      statement:
        "On image classification the schemes take far fewer steps than a small batch and generalize better than a large one.",
      short: "few steps and good accuracy",
      reported: "figures not found",
    },
  ],
  experiments: [
    experiment({
      id: "rate",
      title: "Steps and samples to a stationary point, on a regression without end",
      claims: ["C1", "C2", "C3"],
      graph: true,
      load: () => import("./rate.ts"),
    }),
    experiment({
      id: "relative-noise",
      title: "Does the norm test make the noise proportional to the gradient?",
      claims: ["C1"],
      graph: true,
      load: () => import("./relative-noise.ts"),
    }),
    experiment({
      id: "steps-and-accuracy",
      title: "Steps against accuracy on the 8×8 digits",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./steps-and-accuracy.ts"),
    }),
    experiment({
      id: "larger-data",
      title: "Steps against accuracy on larger data",
      claims: ["C3", "C4"],
      graph: true,
      load: () => import("./larger-data.ts"),
    }),
  ],
  remarks: [
    {
      title: "How it works",
      text: [
        "The gradient g of a batch of b samples is off by noise whose square is about ‖V‖₁/b, with V the variance of the samples' gradients. The norm test asks that this be at most η²‖g‖². Where it is not, the next batch has ‖V‖₁/(η²‖g‖²) samples, up to a maximum. Batches never shrink.",
        "Near a stationary point the gradient vanishes and the noise of one sample does not: batches of one size end in noise, and only ever smaller steps go on. Batches that pass the test keep noise and gradient in proportion, and the method then converges as if there were no noise, in far fewer steps, for about the same number of samples.",
      ],
    },
    {
      title: "What it costs",
      text: [
        "The test needs Σ‖gᵢ‖², and no sample's gradient. For a dense layer with inputs aᵢ and derivatives dᵢ of its outputs, ‖gᵢ‖² = ‖aᵢ‖²‖dᵢ‖²; the batch's gradient and the norms come out of one pass. The inner products ⟨gᵢ, g⟩ of the other tests take one forward-mode derivative more.",
        "One compiled program serves every batch size. Large batches may be gone through in parts; the statistics are merged by a centered update and do not depend on the parts.",
      ],
    },
    {
      title: "What does not hold, and why",
      text: [
        "That the scheme beats batches of one size with as many steps does not hold for AdaGrad, on the digits or on Fashion-MNIST. The early small batches have large gradients, and AdaGrad keeps their squares for good: every later step is shorter than that of a run that began with large batches.",
        "The gain over full batches is in accuracy about +0.002 on the digits with ten seeds, below the +0.003 asked for, starting as PyTorch does; from Glorot's weights the same ten seeds gave +0.004 and, with another split of the rows, +0.008. A difference of one digit in 360 is 0.003. On Fashion-MNIST, where full batches take eight steps, the gain is large.",
        "The step count with η = 0.5 is below a tenth of that of batches of 256 only when there are samples enough for batches to grow: not in the 40,000 samples of the quick run, on Fashion-MNIST or on the moved digits.",
        "The quick runs on the digits have three seeds: their accuracies are within noise of one another.",
        "A browser has no file of Fashion-MNIST. There the last experiment takes the 8×8 digits, each in nine places, up to 12,933 images to train on, under the same conditions. What holds and what does not is the same as in the quick run on Fashion-MNIST, but for η = 0.3, which is level with batches of one size.",
      ],
    },
    {
      title: "Where we differ",
      text: [
        "The expected gradient and the covariance of the regression are computed exactly, by integrals over the residual, and not as averages of 200,000 samples: there is no floor of noise below them, and the tests compare the two.",
        "All statistics are over the whole model. The authors' code sums layers for the inner-product and orthogonality tests, which leaves out what layers have in common, and its AdaGradNorm keeps one sum a row of a layer; here there is one for the whole model, as in the theory.",
        "The coordinate-wise test is not in the authors' code. Taken literally it asks for a batch without bound wherever one coordinate of the gradient is near zero: on ten coordinates its batches reach the maximum within some ten steps. A floor under the squares is an option.",
        "The lag of one step is the authors' rule. With `retry` a batch that fails grows before its step, which is nearer to the exact test.",
      ],
    },
  ],
};
