/** An abstract written for a test, and the topics that a reader of it would agree with. */
export interface SyntheticAbstract {
  readonly title: string;
  readonly abstract: string;
  readonly topics: readonly string[];
}

/** Written before the phrases of the topics were last changed: half of them use the words of topics for something else. */
export const syntheticAbstracts: readonly SyntheticAbstract[] = [
  {
    title: "A Trust-Region Newton Method with Inexact Curvature for Matrix Completion",
    abstract:
      "We propose a trust-region Newton method that solves its subproblem with a handful of Hessian-vector products. The curvature is sampled from a growing subset of the observations, and the error it causes is controlled by the radius of the region. We prove local quadratic convergence under a rank condition and report savings of half of the passes over the data.",
    topics: ["second-order"],
  },
  {
    title: "How Far Does Kronecker Curvature Reach? Preconditioning Recurrent Networks",
    abstract:
      "Kronecker-factored approximations of the Fisher matrix assume independence between inputs and output gradients, which recurrent networks violate. We derive a correction that restores the natural gradient direction over short sequences and costs one additional eigendecomposition per layer. On language modeling the corrected second-order optimizer needs a third of the steps of Adam.",
    topics: ["second-order"],
  },
  {
    title: "Gradient Noise Has Heavy Tails Only Early in Training",
    abstract:
      "We measure the distribution of mini-batch gradient noise throughout training and find heavy tails during the first epochs and nearly Gaussian noise afterwards. A schedule that starts with large batch sizes and shrinks them reverses the usual advice. Stochastic gradient descent with this schedule reaches the same accuracy with fewer samples.",
    topics: ["stochastic-gradients", "deep-theory"],
  },
  {
    title: "Variance-Reduced Estimators for Finite Sums without Full Gradients",
    abstract:
      "Variance reduced methods usually recompute a full gradient once per epoch. Our estimator replaces it with an exponentially weighted table of stochastic gradients and keeps the linear rate for smooth strongly convex sums. The memory is that of one gradient per block of samples.",
    topics: ["stochastic-gradients", "convex"],
  },
  {
    title: "Semidefinite Relaxations of Clustering That Are Tight",
    abstract:
      "We study convex relaxations of k-means clustering as semidefinite programs and characterize when their solution is the planted partition. The dual certificate is explicit and can be checked in nearly linear time. Beyond the threshold we construct instances on which every convex program of this family fails.",
    topics: ["convex"],
  },
  {
    title: "Last-Iterate Rates for Mirror Descent on Polytopes",
    abstract:
      "For smooth convex optimization over a polytope, the average of the iterates of mirror descent is known to converge at rate 1/T. We show that the last iterate attains the same rate up to a logarithm when the step size follows a polynomial schedule. The proof is a potential argument with a time-varying Bregman divergence.",
    topics: ["convex"],
  },
  {
    title: "Feasible Descent for Equality Constraints on Manifolds of Fixed Rank",
    abstract:
      "Projecting onto manifolds of fixed rank is exact but expensive. We instead treat the rank conditions as equality constraints and follow a feasible descent direction of an augmented Lagrangian that needs only thin factorizations. Constrained minimization of the objective then costs barely more than the unconstrained problem, and every limit point satisfies the first-order conditions.",
    topics: ["constrained-bilevel"],
  },
  {
    title: "Implicit Gradients of Nested Problems under Weak Conditions",
    abstract:
      "Bilevel optimization requires the derivative of a lower-level solution with respect to upper-level variables. We relax the usual strong convexity of the lower level to a local error bound and show that the hyper-gradient remains well defined almost everywhere. An algorithm with two loops attains the known complexity, and data reweighting experiments illustrate it.",
    topics: ["constrained-bilevel"],
  },
  {
    title: "Cyclic Coordinate Descent Beats Random Order on Sparse Designs",
    abstract:
      "Random selection has better worst-case bounds for coordinate descent, yet practitioners cycle. For designs whose columns overlap in few rows we prove that the cyclic order is faster by a factor that depends on the overlap. Experiments with the lasso confirm the factor within ten percent.",
    topics: ["coordinate-descent", "convex"],
  },
  {
    title: "Block Selection by Sampling Residuals",
    abstract:
      "Greedy rules of block coordinate methods examine all gradients before they choose a block. We sample residual entries proportionally to their squares, which approximates the Gauss-Southwell choice at a constant cost. The expected progress is within a factor two of the greedy rule.",
    topics: ["coordinate-descent"],
  },
  {
    title: "Zeroth-Order Fine-Tuning with Structured Perturbations",
    abstract:
      "Fine-tuning without backpropagation needs only function values, but its variance grows with the dimension. We draw perturbations from the span of recent differences and show that zeroth-order estimates then scale with the rank of the updates. Memory equals that of inference.",
    topics: ["derivative-free"],
  },
  {
    title: "Swarms with Memory: Convergence of Interacting Particles to Global Minimizers",
    abstract:
      "We analyze an interacting particle method in which every particle remembers its best position. In the many-particle limit the law of the swarm concentrates around a global minimizer at an exponential rate, without derivatives of the objective. Particle swarm optimization with inertia appears as a special case.",
    topics: ["derivative-free"],
  },
  {
    title: "When Does Lazy Training End? Kernel Drift in Finite Networks",
    abstract:
      "Wide networks move little from their initialization and behave like their neural tangent kernel. We bound how far the kernel of a finite network drifts and find a critical width below which features are learned. The training dynamics on synthetic teachers follow the predicted transition.",
    topics: ["deep-theory"],
  },
  {
    title: "Flat Minima and the Geometry of Batch Normalization",
    abstract:
      "Sharpness of minima is not invariant under rescaling, which batch normalization makes a symmetry of the loss. We define flatness on the quotient and show that it predicts generalization where earlier notions do not. Along the way the loss landscape of normalized networks is seen to have connected valleys.",
    topics: ["deep-theory"],
  },
  {
    title: "Shallow Networks Cannot Copy Radial Functions",
    abstract:
      "We prove that networks with one hidden layer need exponentially many units to approximate some radial functions, while two hidden layers need polynomially many. This depth separation holds for all activations with bounded variation. The argument extends universal approximation results to weighted norms.",
    topics: ["approximation-theory"],
  },
  {
    title: "Approximation Rates of Rational Activations",
    abstract:
      "Rational functions approximate steps exponentially well. We transfer this to networks with rational activations and obtain approximation rates in Sobolev norms that improve on ReLU networks of the same size. The expressive power with respect to piecewise analytic targets is optimal up to logarithms.",
    topics: ["approximation-theory"],
  },
  {
    title: "Learned Preconditioners for Anisotropic Diffusion",
    abstract:
      "Iterative solvers for anisotropic partial differential equations stall when the anisotropy is not aligned with the mesh. We train a graph network to predict preconditioners that respect strong couplings, and keep symmetry by construction. The linear systems of a reservoir benchmark are solved in a quarter of the iterations.",
    topics: ["scientific-computing"],
  },
  {
    title: "Fourier Neural Operators on Irregular Domains",
    abstract:
      "Neural operators based on the Fourier transform require regular grids. We deform irregular domains to a torus with a learned diffeomorphism and apply the operator there. On airfoil flows governed by the Navier-Stokes equations the error halves at the same cost.",
    topics: ["scientific-computing"],
  },
  {
    title: "Fewer Steps for Diffusion Models by Learned Time Grids",
    abstract:
      "Samplers of diffusion models discretize a reverse process on a hand-made grid of times. We learn the grid by dynamic programming on a proxy of the local error and use the same network evaluations twice. Image quality with ten steps equals that of fifty uniform steps.",
    topics: ["generative"],
  },
  {
    title: "Score Matching with Missing Entries",
    abstract:
      "Score matching estimates a density without its normalizing constant but needs complete samples. We marginalize the objective over missing entries with importance weights and prove consistency. A generative model of tabular records trained on half of the entries matches one trained on all.",
    topics: ["generative"],
  },
  {
    title: "Robust Aggregation When Most Peers Are Honest but Slow",
    abstract:
      "Federated training waits for stragglers, and Byzantine peers can pretend to be slow. We couple a timeout with a median of means so that neither delays nor false updates bias the average. The guarantee degrades with the fraction of late peers only.",
    topics: ["distributed"],
  },
  {
    title: "Compressing Updates in Decentralized Learning over Random Graphs",
    abstract:
      "Peers on a random graph average their parameters with compressed messages. We show that error feedback removes the bias of compression and that the spectral gap enters the rate only once. Decentralized optimization of a transformer over sixty-four peers confirms the rate.",
    topics: ["distributed"],
  },
  {
    title: "Faithful Feature Attribution for Tree Ensembles",
    abstract:
      "Shapley values of tree ensembles depend on which features are held fixed. We define attributions by interventions on paths, compute them exactly in polynomial time, and show that they agree with retraining. Users in a study of post hoc explanations preferred the sparser result.",
    topics: ["explanation"],
  },
  {
    title: "Saliency Maps Are Low-Pass Filters",
    abstract:
      "We show that smoothing gradients over noisy copies of an input is a low-pass filter applied to the network function. This view predicts which saliency methods agree and gives a bandwidth below which integrated gradients and smoothed gradients coincide.",
    topics: ["explanation"],
  },
  {
    title: "Cost Curves as Training Losses for Imbalanced Classification",
    abstract:
      "Imbalanced data call for metrics that weigh both kinds of errors. We make cost curves differentiable by replacing counts with sigmoids of margins and train binary classifiers on them directly. Precision and recall improve over reweighting on eleven datasets.",
    topics: ["classification"],
  },
  {
    title: "Margins of the Voted Perceptron Revisited",
    abstract:
      "The voted perceptron generalizes better than its mistake bound suggests. We relate its margins to those of support vector machines by a perturbation argument and obtain a bound in terms of the number of support vectors. Classification problems with label noise are treated in the same way.",
    topics: ["classification"],
  },
  {
    title: "Distribution Shift in Hospital Records",
    abstract:
      "Patient populations differ between hospitals, and the distribution of lab values drifts over years. We collect records from nine hospitals and evaluate how recalibration explains the recovered accuracy. Models distributed between sites without recalibration lose eight points.",
    topics: [],
  },
  {
    title: "Newton's Cradle and the Limits of Learned Simulators of Toys",
    abstract:
      "Learned simulators conserve neither momentum nor energy. We test eight of them on collisions of steel balls, explain where each of them errs, and publish the recordings. A contact-aware architecture follows Newton's laws up to ten collisions.",
    topics: [],
  },
  {
    title: "Convex Hulls of Point Clouds on a Phone",
    abstract:
      "We compute convex hulls of point clouds from a depth camera at thirty frames per second. A coarse grid discards interior points, and the rest is inserted in the order of a space-filling curve. Compared with a desktop implementation the phone is only three times slower.",
    topics: [],
  },
  {
    title: "Credit Scores, Score Functions and Fairness Audits",
    abstract:
      "Auditors see scores but not the model. We match score distributions between groups by quantiles and bound the disparity that remains after any threshold. The audit of a public lender illustrates how much a score alone reveals.",
    topics: [],
  },
  {
    title: "Heat Diffusion on Road Networks Predicts Congestion",
    abstract:
      "We model congestion as heat diffusion on the graph of roads, whose conductivities are estimated from loop detectors. Forecasts for thirty minutes are as good as those of recurrent networks trained with SGD and mini-batches, and hundreds of times cheaper. The model also says which roads relieve a jam.",
    topics: [],
  },
  {
    title: "Bandits That Sleep: Regret with Unavailable Arms",
    abstract:
      "In many applications arms of a bandit become unavailable at times. We propose an algorithm that compares each arm with the best available one and prove a regret bound that matches the lower bound up to constants. No assumption on the order of availability is needed.",
    topics: [],
  },
  {
    title: "Tokenizers for Low-Resource Languages",
    abstract:
      "Byte-pair encodings learned on English split words of other languages into many pieces. We retrain vocabularies under a budget that is shared between languages by perplexity and translate between twenty of them. The batch size is adapted to the number of pieces, and all models are trained with Adam.",
    topics: [],
  },
  {
    title: "Reward Hacking in Simulated Warehouses",
    abstract:
      "Agents trained in a simulated warehouse learn to exploit its inventory count. We catalog eleven such behaviors, show that constrained policies avoid seven of them, and release the simulator. Human raters recognize an exploit from ten seconds of video.",
    topics: [],
  },
  {
    title: "Retrieval Helps Small Language Models Count",
    abstract:
      "Small language models fail to count objects in stories. Retrieval of worked examples raises their accuracy from a third to two thirds, and the gain persists when the examples are about other objects. We discuss what this says about explanations that models give of their answers.",
    topics: [],
  },
  {
    title: "Segmenting Coral Reefs from Kayaks",
    abstract:
      "We present a dataset of four thousand images of reefs taken from kayaks, with polygons drawn by divers. A segmentation network trained with stochastic gradient descent reaches the agreement of two divers. Class imbalance between coral and sand is handled by sampling.",
    topics: ["classification"],
  },
  {
    title: "Graph Transformers for Retrosynthesis Planning",
    abstract:
      "Retrosynthesis planning searches for purchasable precursors of a molecule. We rank disconnections with a graph transformer and prune the search tree by a learned bound on the remaining cost. Routes are found for nine of ten targets of a public benchmark.",
    topics: [],
  },
  {
    title: "Adaptive Gradient Methods with Coordinate-Wise Clipping under Heavy Tails",
    abstract:
      "Adam is robust to heavy-tailed noise while SGD is not. We attribute the difference to coordinate-wise normalization, prove convergence of stochastic optimization with clipped coordinates under infinite variance, and propose a schedule for the clipping level. Language models train stably with batch sizes four times smaller.",
    topics: ["stochastic-gradients"],
  },
  {
    title: "Implicit Bias of Momentum on Separable Data",
    abstract:
      "On separable data gradient descent converges in direction to the maximal margin. We show that momentum has the same implicit bias and reaches it faster by a constant. For the logistic loss the constant is explicit and agrees with experiments on linear classifiers.",
    topics: ["deep-theory", "classification"],
  },
  {
    title: "Interior-Point Training of Input-Convex Networks with Safety Constraints",
    abstract:
      "Input-convex networks make model predictive control a convex problem. We enforce safety by inequality constraints on the network's sublevel sets and train with an interior point method whose linear solves exploit the layers. Constrained optimization in this form certifies the closed loop of a quadrotor.",
    topics: ["convex", "constrained-bilevel"],
  },
];
