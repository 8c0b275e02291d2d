import { experiment, type Paper } from "../paper.ts";

export const targetSurrogates: Paper = {
  slug: "target-surrogates",
  number: 6,
  arxivId: "2302.02607",
  title: "Target-based Surrogates for Stochastic Optimization",
  headline:
    "Several parameter updates per gradient save gradients: on logistic regression ten inner steps need about a ninth of them, and on the cart-pole they imitate an expert in fewer interactions; in supervised learning the best-tuned baselines are as good or better on separable data.",
  claims: [
    {
      id: "C1",
      statement:
        "When the loss is L-smooth in the model’s outputs (the targets), the surrogate with η ≤ 1/L is a global upper bound of the loss, tight at the current point.",
      short: "a tight upper bound",
      source: "abstract",
      reported: "a proof; no number",
    },
    {
      id: "C2",
      statement:
        "With any number of inner descent steps per gradient the loss never increases, and the smallest squared gradient falls as 1/T.",
      short: "monotone descent, O(1/T)",
      source: "abstract (convergence to a stationary point); the rate is derived here",
      reported: "a proof; constants: not read",
    },
    {
      id: "C3",
      statement:
        "Several parameter updates per gradient amortize its cost: the more inner steps, the fewer gradients; exact inner solves on a linear model do not depend on the conditioning of the features.",
      short: "inner steps save gradients",
      source: "abstract (amortization); the independence of the conditioning is derived here",
      reported: "not read",
    },
    {
      id: "C4",
      statement:
        "In the stochastic setting the method is projected stochastic gradient descent in target space and keeps its rates: linear without noise, and with noise toward the minimizer as σ/√T with an exponentially decaying step size.",
      short: "stochastic rates carry over",
      source: "abstract (projected SGD in target space, guarantees for convex functions)",
      reported: "rates: not read",
    },
    {
      id: "C5",
      statement:
        "When the proximal term covers only the sampled points the method is biased: on two points it stops at 3/8 where the minimizer is 0; with the term on all points it converges.",
      short: "batch-restricted terms are biased",
      source: "not read",
      reported: "not read",
    },
    {
      id: "C6",
      statement:
        "In supervised learning the method with several inner steps needs fewer gradients than SGD, SGD with a line search (SLS), Adam and AdaGrad.",
      short: "supervised: fewer gradients",
      source: "abstract (“benefits of target optimization”); baselines from the authors’ configuration files",
      reported: "not read",
    },
    {
      id: "C7",
      statement:
        "In online imitation learning the method with several inner steps needs fewer interactions than online gradient descent, SLS and Adam.",
      short: "imitation: fewer interactions",
      source: "abstract (“imitation learning problems”); baselines from the authors’ configuration files",
      reported: "not read",
    },
  ],
  experiments: [
    experiment({
      id: "majorization",
      title: "The surrogate as an upper bound, and descent",
      claims: ["C1", "C2"],
      graph: true,
      load: () => import("./majorization.ts"),
    }),
    experiment({
      id: "amortization",
      title: "More inner steps, fewer gradients",
      claims: ["C3"],
      load: () => import("./amortization.ts"),
    }),
    experiment({
      id: "minibatches",
      title: "Linear models in minibatches: mushrooms",
      claims: ["C3", "C6"],
      load: () => import("./minibatches.ts"),
    }),
    experiment({
      id: "noise-and-bias",
      title: "Noise, interpolation, and the bias of small batches",
      claims: ["C4", "C5"],
      load: () => import("./noise-and-bias.ts"),
    }),
    experiment({
      id: "imitation",
      title: "Imitating an expert on the cart-pole",
      claims: ["C3", "C7"],
      graph: true,
      load: () => import("./imitation.ts"),
    }),
    experiment({
      id: "matrix-factorization",
      title: "Two-layer linear networks: matrix factorization",
      claims: ["C3"],
      graph: true,
      load: () => import("./matrix-factorization.ts"),
    }),
    experiment({
      id: "digits",
      title: "A network on the digits",
      claims: ["C3", "C6"],
      graph: true,
      load: () => import("./digits.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "A model f maps parameters θ to targets z = f(θ): logits, predictions, actions. The loss l depends on the targets alone. One gradient g of the loss at z_t = f(θ_t) defines the surrogate S_t(θ) = mean of l_i(z_i) + ⟨g_i, f_i(θ) − z_i⟩ + ‖f_i(θ) − z_i‖²/(2η), and m steps of any inner solver decrease it. They need only the model and its derivatives.",
        "Up to a constant S_t is ‖f(θ) − (z_t − ηg)‖²/(2η): the targets take a gradient step, and the parameters are fitted to them. With m = 1 and a constant step size this is stochastic gradient descent; with exact inner solves on a linear model it is projected gradient descent in target space.",
      ],
    },
    {
      title: "When does it pay off?",
      text: [
        "It saves gradients of the loss and pays for them with inner steps. This is worthwhile where a gradient is a simulation, an expert’s answer or a round of interactions; where it costs no more than a pass through the model, as on the mushrooms, plain methods take more steps in the same time. The second experiment shows the total cost against the cost of a gradient, and the tables of the third show times.",
        "With the squared loss and η = 1 the surrogate is the loss of the batch itself: on the cart-pole the gain is more work per interaction. With η = 1/2, where the surrogate is not the loss, it needs a few more rounds and is still ahead.",
      ],
    },
    {
      title: "What the baselines are",
      text: [
        "The authors’ configuration files train linear models on mushrooms, ijcnn1 and rcv1 for 500 epochs or more, a perceptron on MNIST, and imitate experts of MuJoCo’s Hopper and Walker for 50 to 100 rounds. Measured here are mushrooms for 30 epochs, a perceptron on 8 × 8 digits, and a cart-pole for 30 rounds.",
        "The comparisons in the paper could not be read. C6 and C7 are judged against the strongest baseline: every method with the best schedule or step size that was tried.",
        "The code published with the paper computes the theoretical step size of SGD from the summed loss, while the surrogate uses the same sums differently; on the mushrooms it comes out five orders of magnitude below 1/L of the mean loss. Here the theoretical step size is 1/(2 L max ‖x_i‖²), and SGD with the best step size of a grid is compared as well.",
        "In runs whose step sizes all decay as (1/T)^(t/T), the line search of SLS included, the surrogate is well ahead of SLS. But the mushrooms are separable, and such a decay only slows SLS down: without it SLS beats the surrogate on the logistic loss, with and without decay. SGD with its best step size beats the surrogate with decaying η in batches of 125. On the squared loss the surrogate stays ahead of SGD and SLS, and Adam comes close to it. That decides C6 at these sizes.",
        "On the digits a tuned Adam ends below the surrogate, also where η is larger than 1/L. Rows left over at the end of an epoch are dropped there: a fifteenth batch of 5 rows would set tuned SGD back (to a loss of 0.37 instead of 0.08) and hardly change the surrogate.",
      ],
    },
    {
      title: "Smaller batches and longer runs",
      text: [
        "The full size adds batches of 25. On the logistic loss, 30 epochs, m = 20 ends at 0.0020 there, SLS at 0.0047, Adam at 0.0055, SGD with the theoretical step size at 0.063 (means of three seeds). From batches of 25 to batches of 625 its loss grows 7.6-fold; that of SLS grows 8.2-fold, of Adam 38-fold. Methods that make less progress lose less: m = 1 4.3-fold, SGD 3.8, AdaGrad 3.1.",
        "It also adds 500 epochs, and there the order is reversed on the logistic loss. On the mushrooms, one seed, batches of 125, m = 20 ends at 4.8e-4, SLS at 4.4e-6 and Adam at 2.3e-6; with batches of 625 at 1.6e-3, 1.4e-4 and 6.2e-3. The data are separable: the loss has no minimizer, its gradient vanishes on the way to infinity, and targets that move by η times the gradient, η ≤ 1/L, approach it no faster than 1/t (with constant η, 17 times the epochs divide the loss by 16), while a line search takes longer and longer steps. On the squared loss m = 20 and Adam end about equal, 5.8e-4 and 5.9e-4 in batches of 125, 5.9e-4 and 5.8e-4 in batches of 625, ahead of SLS (8.3e-4, 2.0e-3).",
      ],
    },
    {
      title: "What depends on the data drawn",
      text: [
        "In the factorization with width 4 the ratio between gradient descent and the surrogate after 10 gradients varies from problem to problem. In 400 problems of an independent implementation in NumPy its median is 5.3, and it is below 2.5 in 4 of 100 problems.",
        "How many gradients exact inner solves need depends on the labels. The wider the margins they are drawn from, the flatter the logistic loss near its minimum: seeds differ by a factor of four, at every condition number alike, because a seed has the same labels at every condition number.",
      ],
    },
    {
      title: "What was derived here",
      text: [
        "The paper’s full text could not be read. The bound 2β(h₀ − h*)/T for the smallest squared gradient follows from S_t: its gradient at θ_t is that of the loss, it is β-smooth, so the first inner step of size 1/β lowers it by at least ‖∇h‖²/(2β), and the loss with it; the sum over T steps is at most h₀ − h*.",
        "When the proximal term covers all rows, η is scaled so that one sample’s exact step in target space is a whole step at η = 1/L, independent of the number of rows.",
        "A batch with fewer rows than the model has parameters is interpolated by an exact inner solve, which is Kaczmarz’s method: fast without noise, biased with it, as the two points show. A moderate m, or the term on all rows, avoids it. The source of the two-point example could not be read; the value 3/8 was computed here: it balances the moves of both points.",
      ],
    },
  ],
};
