import { experiment, type Paper } from "../paper.ts";

export const exactAugmentedLagrangian: Paper = {
  slug: "exact-augmented-lagrangian",
  number: 13,
  arxivId: "2305.18379",
  title: "Constrained Optimization via Exact Augmented Lagrangian and Randomized Iterative Sketching",
  headline:
    "Sketched Newton steps solve all small problems that were tried, with about as many evaluations as the strongest baseline; a row step costs a fraction of a Krylov step, but a whole solve several times one of MINRES.",
  claims: [
    {
      id: "C1",
      statement:
        "A Newton method whose direction comes from a randomized sketching solver, line-searched on the exact augmented Lagrangian, converges from any start: the KKT residual goes to 0.",
      short: "converges from any start",
      source: "abstract",
      reported:
        "45 of 47 CUTEst problems, 7 of 7 logistic problems and the PDE problem solved to 1e-4 (stored outputs in the authors’ repository); theorems: not read",
    },
    {
      id: "C2",
      statement:
        "The accuracy of the solver and the penalties are adapted so that the inexact direction always descends on the merit function.",
      short: "always a descent direction",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C3",
      statement:
        "Near a solution the unit step is accepted and convergence is linear; it is superlinear if the accuracy is gradually sharpened.",
      short: "unit steps; linear, superlinear",
      source: "abstract",
      reported: "not read",
    },
    {
      id: "C4",
      statement:
        "A step of the randomized solver costs far fewer flops than a step of a deterministic Krylov solver, O(d) against 2d², and it keeps O(d) numbers instead of a growing basis.",
      short: "cheaper inner steps, less memory",
      source: "abstract",
      reported: "no figure in the abstract; the text: not read",
    },
    {
      id: "C5",
      statement:
        "It performs better than ℓ1-SQP methods with GMRES and than the augmented Lagrangian method: fewer outer iterations and evaluations, a smaller residual at the end.",
      short: "better than three baselines",
      source: "abstract; stored outputs in the authors’ repository",
      reported:
        "CUTEst medians: 5 outer iterations and a KKT residual of 3.7e-8, against 6 and 2.5e-5 (adaptive GMRES), 50 and 9.1e-5 (GMRES)",
    },
  ],
  experiments: [
    experiment({
      id: "small-problems",
      title: "Twenty-one small problems: sketched Newton steps against three baselines",
      claims: ["C1", "C2", "C5"],
      load: () => import("./small-problems.ts"),
    }),
    experiment({
      id: "logistic-regression",
      title: "Logistic regression on a plane and the unit sphere, real data",
      claims: ["C1", "C5"],
      load: () => import("./logistic-regression.ts"),
    }),
    experiment({
      id: "control",
      title: "Control of Poisson’s equation, and how the sketch scales with the grid",
      claims: ["C1"],
      load: () => import("./control.ts"),
    }),
    experiment({
      id: "local-rates",
      title: "Linear at the rate of the accuracy, superlinear where it sharpens",
      claims: ["C3"],
      load: () => import("./local-rates.ts"),
    }),
    experiment({
      id: "inner-cost",
      title: "What a solve costs: row steps, Krylov steps, a factorization",
      claims: ["C4"],
      load: () => import("./inner-cost.ts"),
    }),
  ],
  remarks: [
    {
      title: "The method",
      text: [
        "For min f(x) subject to c(x) = 0 each iteration solves a Newton system K Δz = −∇L for x and the multipliers together, with K = [[B, Gᵀ], [G, 0]]. The solver is randomized: it draws a row of K (Kaczmarz) or a Gaussian combination of rows and projects the current Δz onto that one equation, again and again.",
        "How accurate is accurate enough? The merit function is the exact augmented Lagrangian L + (η₁/2)‖c‖² + (η₂/2)‖∇ₓL‖², smooth and minimized by the solution at a finite η. As long as Δz is not a direction of sufficient descent for it, the solver continues with a tighter accuracy, and η₁ grows while η₂ shrinks. Then an Armijo search backtracks from the unit step.",
        "For an exact direction (p, q) the slope is −pᵀBp + 2cᵀq − η₁‖c‖² − η₂‖∇ₓL‖² + η₂∇ₓLᵀ(H − B)p. A large η₁ absorbs 2cᵀq and negative curvature outside the null space of G; a small η₂ makes the last term harmless. That is why the adaptation ends.",
      ],
    },
    {
      title: "The accuracy that the theory requires, and the one to use",
      text: [
        "The bound of the analysis contains a worst-case estimate of ‖K⁻¹‖. With the constants of the authors’ code it requires ten digits or more, so the solve is exact up to rounding or ends at its step limit. The experiments named without “relative rule” use it, because the paper’s figures do.",
        "The default here is a relative rule: ‖r‖ ≤ θκ‖∇L‖ with κ = 0.1, sharpened only while the descent test fails. It keeps the guarantee and takes a fraction of the row steps.",
      ],
    },
    {
      title: "When it pays off, and when it does not",
      text: [
        "C4 is about one inner step. The number of steps is another matter: it grows with ‖K‖²_F/σ_min(K)² times the required digits. On the 21 small problems row sketches take many more flops in total than GMRES or a factorization.",
        "On well-conditioned systems row sketches take 0.7 to 0.8 of the flops of GMRES cut to two Krylov steps, which is the paper’s baseline. They do not beat full GMRES or MINRES on the same systems. Against a dense factorization they win as d grows, here from about d = 500 on: at d = 1,600 they take 0.29 of its flops. In running time they fare worse: a row drawn at random is read from memory once and used once, so a product is faster per flop.",
        "On the control problem the condition number of K grows so fast with the grid that the plain row sketch is impractical from 7 x 7 points on. Equilibration (scaling rows and columns) makes it work up to 15 x 15, but one dense factorization does the same with fewer flops. The remaining advantage is memory: a few vectors.",
        "Equilibrate first: on the logistic problems it removes about nine tenths of the row steps or more, on phishing all but half a percent. For a small problem, use exact solves.",
      ],
    },
    {
      title: "What “better than the baselines” means",
      text: [
        "Against GMRES with two loose termination tests the sketched method takes far fewer outer iterations and ends with a smaller residual. Most of that comes from how accurately the Newton system is solved, not from the sketch: adaptive GMRES, which solves it to a relative residual of a tenth, takes about as many iterations and function evaluations, and exact solves behave like the sketch.",
        "The claim is therefore judged against the strongest baseline, which is adaptive GMRES nearly everywhere, and by evaluations it does not hold: the medians on the small problems are equal, and on the logistic problems the relative rule calls f and c 0.5 to 1.3 times as often, fewer times at 15 of 20 seeds on the breast-cancer set and at 6 on ionosphere.",
        "The smaller final residual is a sign of steeper last steps; all methods stop at 1e-4.",
        "Outer iterations of the augmented Lagrangian method are whole minimizations and are not compared. On logistic problems only converged runs of a baseline count as competitors.",
        "Evaluations are counted once per trial point here. The authors’ code evaluates the accepted point a second time, so its counts are about twice as large; the ratios between methods are comparable. On the logistic problems it gives GMRES ten Krylov steps per cycle; the table shows two and ten.",
        "The augmented Lagrangian method’s subproblem need not have a minimum: on some of the small problems the method diverges or stalls, which counts as not solved.",
      ],
    },
    {
      title: "Where we differ from the authors’ code",
      text: [
        "The abstract, the authors’ code and the outputs stored with it were read; the text of the paper was not. The abstract says that the penalties are adapted, not that they settle, so that is our own check and does not count for a claim. It fails: runs end after a few iterations, and in about a fifth of them η₁ still changes in the second half. That the merit function falls is not judged, because the line search accepts no other step.",
        "The merit function’s gradient uses the Hessian of the Lagrangian where the code uses that of the objective; on these problems the iteration counts are the same. The constraint Jacobian counts as singular below 1e-8 of its size by default; the small problems use the code’s 1e-2.",
        "CUTEst itself is not part of the library: the 21 problems are those with published closed forms, and the counts they are checked against come from an independent implementation that agrees with the authors’ stored outputs. The sets sonar and w8a were not available. Quick runs use two sets that are bundled with the library.",
      ],
    },
  ],
};
