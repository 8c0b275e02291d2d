/** A family of symbols: what its page is called, and the source files it comes from. */
export interface ModuleRule {
  readonly slug: string;
  /** Its import path below the package's, where that is not the slug: a folder within another module. */
  readonly path?: string;
  readonly title: string;
  readonly sentence: string;
  /** Matched against the path below the package's `src`. */
  readonly files: RegExp;
}

export interface PackageRule {
  readonly slug: string;
  readonly name: string;
  readonly folder: string;
  /** True where every module has an import path of its own, `name/path`, and `src/path/index.ts` lists it. */
  readonly paths?: boolean;
  readonly modules: readonly ModuleRule[];
}

const graph: readonly ModuleRule[] = [
  {
    slug: "tensors",
    title: "Tensors and trees",
    sentence: "Symbolic tensors, the signatures of programs, and nested objects of them.",
    files: /^(tensor|tree|shape|dtype)\.ts$/,
  },
  {
    slug: "arithmetic",
    title: "Arithmetic and elementary functions",
    sentence: "Operations on each element: sums, products, powers, exponentials, trigonometry.",
    files: /^ops\/(arithmetic|unary|atan2|erf|expm1|hyperbolic|rounding)\.ts$/,
  },
  {
    slug: "activations",
    title: "Activations and softmax",
    sentence: "The nonlinearities of networks.",
    files: /^ops\/(activations|softmax)\.ts$/,
  },
  {
    slug: "comparison",
    title: "Comparison and selection",
    sentence: "Booleans, choices between tensors, casts, and where differentiation stops.",
    files: /^ops\/(compare|select)\.ts$/,
  },
  {
    slug: "reductions",
    title: "Reductions",
    sentence: "Sums, means, extremes and products over axes.",
    files: /^ops\/(reduce|product|cumulative|norm|logical-reduce)\.ts$/,
  },
  {
    slug: "shapes",
    title: "Shapes",
    sentence: "Reshaping, broadcasting, joining, slicing, padding.",
    files: /^ops\/(shape|broadcast|concat|slice|pad|range)\.ts$/,
  },
  {
    slug: "products",
    title: "Matrix products",
    sentence: "Batched matrix products and Einstein sums.",
    files: /^ops\/(matmul|einsum|matrices)\.ts$/,
  },
  {
    slug: "convolution",
    title: "Convolution and pooling",
    sentence: "Convolutions in one to three dimensions, their transposes, pooling and upsampling.",
    files: /^ops\/(convolution.*|pooling.*|upsample|windows)\.ts$/,
  },
  {
    slug: "indexing",
    title: "Indexing",
    sentence: "Gathering, scattering and one-hot encoding.",
    files: /^ops\/(indexing|along|sort)\.ts$/,
  },
  {
    slug: "operations",
    title: "Other operations",
    sentence: "Operations that belong to none of the families above.",
    files: /^ops\//,
  },
  {
    slug: "transformations",
    title: "Transformations",
    sentence: "From a function to its gradient, its products with vectors, its Jacobian, its batched form.",
    files: /^(differentiate|jacobian|gauss-newton|per-example|vectorize)\.ts$/,
  },
  { slug: "loops", title: "Loops", sentence: "Loops inside a program.", files: /^(loop|scan)[^/]*\.ts$/ },
  {
    slug: "compile",
    title: "Compile, run, export",
    sentence: "From a function over tensors to a program, an ONNX file, and numbers.",
    files: /^(arrays|compile|export|inputs|jit|onnx|runtime|trace)[^/]*(\/.*)?$/,
  },
  {
    slug: "errors",
    title: "Errors",
    sentence: "What the engine throws on purpose.",
    files: /^errors\.ts$/,
  },
];

const gradus: readonly ModuleRule[] = [
  {
    slug: "iterate",
    title: "Methods as iterators",
    sentence: "The contract of every method, the loop around it, limits and checkpoints.",
    files: /^iterate\//,
  },
  {
    slug: "random",
    title: "Random streams",
    sentence: "Seeded, splittable streams and samplers of distributions.",
    files: /^random\//,
  },
  {
    slug: "linalg",
    title: "Linear algebra",
    sentence:
      "Vectors, dense and sparse matrices, linear operators, factorizations, Krylov methods, sketches.",
    files: /^linalg\/(?!grids\/)/,
  },
  {
    slug: "linalg-grids",
    path: "linalg/grids",
    title: "Grids",
    sentence: "Matrix-free operators on grids in one to three dimensions, with obstacles, and multigrid.",
    files: /^linalg\/grids\//,
  },
  {
    slug: "statistics",
    title: "Statistics",
    sentence: "Estimates, intervals, tests, quadrature, and distances between samples.",
    files: /^statistics\//,
  },
  {
    slug: "data",
    title: "Data",
    sentence: "Readers, bundled and downloaded data sets, generators, splits, scaling, minibatches.",
    files: /^data\//,
  },
  {
    slug: "losses",
    title: "Losses and metrics",
    sentence: "One record for each loss, its form on tensors, and any confusion-matrix metric as a loss.",
    files: /^losses\//,
  },
  {
    slug: "objectives",
    title: "Objectives",
    sentence: "Functions to minimize, with their derivatives, from formulas or from traced losses.",
    files: /^objectives\//,
  },
  {
    slug: "operators",
    title: "Operators",
    sentence:
      "Learned solution operators and search directions: function spaces, reference solutions, networks, training.",
    files: /^operators\//,
  },
  {
    slug: "optimize",
    title: "Optimization",
    sentence: "A direction, a search and one driver: first and second order, coordinate, constrained.",
    files: /^optimize\/(?!(bilevel|convex-networks|derivative-free)\/)/,
  },
  {
    slug: "optimize-bilevel",
    path: "optimize/bilevel",
    title: "Bilevel optimization",
    sentence:
      "A minimum over the minimizers of another function: penalty methods of first order, hypergradients.",
    files: /^optimize\/bilevel\//,
  },
  {
    slug: "optimize-convex-networks",
    path: "optimize/convex-networks",
    title: "Convex networks",
    sentence:
      "Two-layer ReLU networks trained to their global optimum, with a certificate, and against adversarial inputs.",
    files: /^optimize\/convex-networks\//,
  },
  {
    slug: "optimize-derivative-free",
    path: "optimize/derivative-free",
    title: "Derivative-free optimization",
    sentence:
      "Minimizing without derivatives: consensus of particles, CMA-ES and Nelder-Mead, on batches of points, within budgets.",
    files: /^optimize\/derivative-free\//,
  },
  {
    slug: "nn",
    title: "Networks",
    sentence: "Layers, models and initializers as functions of parameters and inputs.",
    files: /^nn\/(?!random-features\/)/,
  },
  {
    slug: "nn-random-features",
    path: "nn/random-features",
    title: "Random features",
    sentence:
      "Networks with random hidden units from a bounded domain: fits, lower bounds, ridgelet transforms.",
    files: /^nn\/random-features\//,
  },
  {
    slug: "train",
    title: "Training",
    sentence:
      "The compiled training step, optimizers as chains, schedules, batch-size policies, classifiers.",
    files: /^train\//,
  },
  {
    slug: "models",
    title: "Imported models",
    sentence: "ONNX models with a loss: fine-tuning, low-rank adapters, replaced heads.",
    files: /^models\//,
  },
  {
    slug: "target-surrogates",
    title: "Target surrogates",
    sentence: "Descent by surrogates in the space of a model's outputs, its inner solvers and its baselines.",
    files: /^target-surrogates\//,
  },
  {
    slug: "tree",
    title: "Trees of arrays",
    sentence: "Parameters, states and batches: map, rows, and the vector of all numbers.",
    files: /^tree\//,
  },
  {
    slug: "curvature",
    title: "Curvature",
    sentence: "Hessian, Gauss-Newton and Fisher operators, spectra, traces, stability, learning rates.",
    files: /^curvature\//,
  },
  {
    slug: "kernels",
    title: "Kernels",
    sentence: "Tangent kernels of finite and infinite width, and training with them.",
    files: /^kernels\//,
  },
  {
    slug: "diffusion",
    title: "Diffusion models",
    sentence: "Forward processes, scores and their estimation, sampling in reverse time.",
    files: /^diffusion\//,
  },
  {
    slug: "explain",
    title: "Explanations",
    sentence: "Local approximations of any model's scores: eight explainers as one, agreement, faithfulness.",
    files: /^explain\//,
  },
  {
    slug: "collaborative",
    title: "Collaborative learning",
    sentence: "Byzantine-robust aggregation, attacks, training of many nodes, and peers over a transport.",
    files: /^collaborative\//,
  },
  {
    slug: "control",
    title: "Control and imitation",
    sentence: "Systems driven by actions, regulators, and policies that imitate an expert.",
    files: /^control\//,
  },
  {
    slug: "check",
    title: "Errors",
    sentence: "The errors that the library throws on purpose.",
    files: /^check\//,
  },
];

const blas: readonly ModuleRule[] = [
  {
    slug: "dense",
    title: "Dense linear algebra",
    sentence:
      "Products, triangular solves, Cholesky and LU factorizations, and matrices kept in WebAssembly memory.",
    files: /^(dense\/|matrix|operand|resident)/,
  },
  {
    slug: "orthogonal",
    title: "QR and singular values",
    sentence:
      "QR factorizations with and without column pivoting, least squares, the singular value decomposition.",
    files: /^orthogonal\//,
  },
  {
    slug: "eigen",
    title: "Symmetric eigenproblems",
    sentence: "Eigenvalues and eigenvectors of symmetric and of tridiagonal matrices.",
    files: /^eigen\//,
  },
  {
    slug: "rows",
    title: "Passes over rows",
    sentence: "Losses, their derivatives and their curvatures in one pass over the rows of a design matrix.",
    files: /^rows\//,
  },
  {
    slug: "columns",
    title: "Passes over columns",
    sentence: "Coordinate descent on a design matrix that is kept by columns.",
    files: /^columns\//,
  },
  {
    slug: "grids",
    title: "Grids",
    sentence: "Conjugate gradients for the Laplacian of a grid.",
    files: /^grids\//,
  },
  {
    slug: "kernels",
    title: "Kernel matrices",
    sentence: "Kernels between the rows of two matrices: of infinitely wide networks, and Gaussian.",
    files: /^kernels\//,
  },
  {
    slug: "networks",
    title: "Networks",
    sentence: "Outputs and gradients of two-layer ReLU networks in float32.",
    files: /^networks\//,
  },
  {
    slug: "errors",
    title: "Errors and availability",
    sentence: "The errors that the package throws on purpose, and whether it can compute here.",
    files: /^(errors|load)\.ts$/,
  },
];

const papers: readonly ModuleRule[] = [
  {
    slug: "experiments",
    title: "Experiments and checks",
    sentence: "What an experiment declares, what it yields, and how a figure meets its claim.",
    files: /^(experiment|check)\.ts$/,
  },
  {
    slug: "papers",
    title: "Papers",
    sentence: "Metadata, claims, and the registry of runnable papers.",
    files: /^(paper|index|verdict)\.ts$/,
  },
  {
    slug: "runs",
    title: "Runs",
    sentence: "Running an experiment, its report, and resuming it.",
    files: /^run\.ts$/,
  },
];

/** The packages whose public exports are documented, in the order of their dependencies. */
export const packageRules: readonly PackageRule[] = [
  { slug: "blas", name: "@gradus/blas", folder: "packages/blas", modules: blas },
  { slug: "graph", name: "@gradus/graph", folder: "packages/graph", modules: graph },
  { slug: "gradus", name: "gradus", folder: "packages/gradus", paths: true, modules: gradus },
  { slug: "papers", name: "@gradus/papers", folder: "packages/papers", modules: papers },
];

/** The file that lists what can be imported from a module with an import path of its own. */
export const indexFile = ({ folder }: PackageRule, { slug, path = slug }: ModuleRule): string =>
  `${folder}/src/${path}/index.ts`;

/** The files that list what can be imported, from the root of the repository. */
export function entryFiles(rule: PackageRule): string[] {
  return rule.paths ? rule.modules.map((module) => indexFile(rule, module)) : [`${rule.folder}/src/index.ts`];
}

/** What an import of a module's symbols names. */
export function importPath({ name, paths }: PackageRule, { slug, path = slug }: ModuleRule): string {
  return paths ? `${name}/${path}` : name;
}

/** A page named by a path: the file's name, or the two outer folders, such as `optimize/coordinate`. */
function named(path: string): ModuleRule {
  const folders = path.replace(/\.ts$/, "").split("/");
  const folder = folders.length === 1 ? folders : folders.slice(0, -1).slice(0, 2);
  const words = folder[folder.length - 1].replaceAll("-", " ");
  return {
    slug: folder.join("-"),
    title: words[0].toUpperCase() + words.slice(1),
    sentence: "",
    files: /./,
  };
}

/** The module of a source file: the first rule that knows it, or else one named by its folder. */
export function moduleOf(rule: PackageRule, path: string): ModuleRule {
  return rule.modules.find(({ files }) => files.test(path)) ?? named(path);
}
