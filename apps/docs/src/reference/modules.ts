/** A family of symbols: what its page is called, and the source files it comes from. */
export interface ModuleRule {
  readonly slug: string;
  readonly title: string;
  readonly sentence: string;
  /** Matched against the path below the package's `src`. */
  readonly files: RegExp;
}

export interface PackageRule {
  readonly slug: string;
  readonly name: string;
  readonly folder: string;
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
    files: /^(iterate|iterate-in-place|checkpoint)\.ts$/,
  },
  {
    slug: "errors",
    title: "Errors",
    sentence: "What the library throws on purpose.",
    files: /^errors\.ts$/,
  },
  {
    slug: "random",
    title: "Random streams",
    sentence: "Seeded, splittable streams and the distributions drawn from them.",
    files: /^random\//,
  },
  {
    slug: "vectors",
    title: "Vectors and dense matrices",
    sentence: "The basic operations on arrays of numbers.",
    files: /^linalg\/(vector|dense|orthogonalize)\.ts$/,
  },
  {
    slug: "factorizations",
    title: "Factorizations and least squares",
    sentence: "Cholesky, LU, QR, eigenvalues, singular values, and the systems they solve.",
    files: /^linalg\/(factorize\/.*|svd\/.*|least-squares\.ts|woodbury\.ts)$/,
  },
  {
    slug: "sparse",
    title: "Sparse matrices",
    sentence: "Compressed rows and columns.",
    files: /^linalg\/sparse\//,
  },
  {
    slug: "operators",
    title: "Linear operators",
    sentence: "One contract for everything that maps vectors to vectors.",
    files: /^linalg\/operator\//,
  },
  {
    slug: "krylov",
    title: "Krylov methods and preconditioners",
    sentence: "Linear systems, least squares and eigenpairs from products with vectors alone.",
    files: /^linalg\/(krylov|precondition)\//,
  },
  {
    slug: "sketches",
    title: "Sketches",
    sentence: "Random projections that keep lengths.",
    files: /^linalg\/sketch\//,
  },
  {
    slug: "readers",
    title: "Readers",
    sentence: "LIBSVM, CSV and IDX files, with the position of every error.",
    files: /^data\/(csv|idx|libsvm.*|byte-source)\.ts$/,
  },
  {
    slug: "datasets",
    title: "Data sets",
    sentence: "Bundled sets, downloaded sets, and where they are kept.",
    files: /^data\/(bundled|dataset|data-directory|mnist|download\/.*)\.ts$/,
  },
  {
    slug: "generators",
    title: "Generated data",
    sentence: "Synthetic problems with known answers.",
    files: /^data\/generators(\/.*|\.ts)$/,
  },
  {
    slug: "preparation",
    title: "Preparing data",
    sentence: "Splits, folds, resampling, scaling, minibatches.",
    files: /^data\/[^/]+\.ts$/,
  },
  {
    slug: "objectives",
    title: "Objectives",
    sentence: "Functions to minimize, with their derivatives, from formulas or from traced losses.",
    files: /^objectives\//,
  },
  {
    slug: "classification",
    title: "Separating classes",
    sentence: "Gradient methods of logistic regression, perceptrons and margins.",
    files: /^optimize\/classification\//,
  },
  {
    slug: "first-order",
    title: "First-order methods",
    sentence: "Minimizing with gradients.",
    files: /^optimize\/first-order\//,
  },
  {
    slug: "second-order",
    title: "Second-order methods",
    sentence: "Minimizing with Hessians and what stands for them.",
    files: /^optimize\/second-order\//,
  },
  {
    slug: "coordinate",
    title: "Coordinate methods",
    sentence: "Minimizing along one coordinate or block at a time.",
    files: /^optimize\/coordinate\//,
  },
  {
    slug: "constrained",
    title: "Constrained methods",
    sentence: "Minimizing on a set.",
    files: /^optimize\/constrained\//,
  },
  {
    slug: "line-searches",
    title: "Line searches",
    sentence: "How far to go along a direction.",
    files: /^optimize\/line-search\//,
  },
  {
    slug: "train",
    title: "Training",
    sentence: "The compiled training loop, evaluation, early stopping, averages of parameters.",
    files: /^train\/(?!(adagrad|adam|rmsprop|sgd|transformation|transformations|schedules)\b)/,
  },
  {
    slug: "optimizers",
    title: "Optimizers and schedules",
    sentence: "Gradient transformations that chain, and learning rates that change.",
    files: /^train\//,
  },
  {
    slug: "collaborative",
    title: "Collaborative learning among liars",
    sentence: "Robust aggregation, attacks, training of many nodes at once, and peers over a transport.",
    files: /^collaborative\//,
  },
  {
    slug: "control",
    title: "Control and imitation",
    sentence: "Systems that actions drive, regulators, and policies that imitate an expert.",
    files: /^control\//,
  },
  {
    slug: "metric-losses",
    title: "Metrics as losses",
    sentence: "Any metric of the confusion matrix as something to minimize.",
    files: /^nn\/metric-loss\//,
  },
  {
    slug: "losses",
    title: "Losses",
    sentence: "From predictions and targets to the number that training makes small.",
    files: /^nn\/losses(\/.*)?/,
  },
  {
    slug: "networks",
    title: "Networks",
    sentence: "Layers, models and initializers as functions of parameters and inputs.",
    files: /^nn\//,
  },
  {
    slug: "classifiers",
    title: "Ready classifiers",
    sentence: "Linear and two-layer classifiers, fitted in one call.",
    files: /^classifiers\//,
  },
  {
    slug: "classification-metrics",
    title: "Classification metrics",
    sentence: "Confusion matrices and what is read from them.",
    files: /^statistics\/(classification.*|confusion-matrix)\.ts$/,
  },
  {
    slug: "integration",
    title: "Integration and special functions",
    sentence: "Quadrature rules, and distributions in closed form.",
    files: /^statistics\/(gamma|gauss.*|quadrature|normal-distribution|student-t)\.ts$/,
  },
  {
    slug: "statistics",
    title: "Statistics",
    sentence: "Summaries, intervals, tests, and distances between samples.",
    files: /^statistics\//,
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
  { slug: "graph", name: "@gradus/graph", folder: "packages/graph", modules: graph },
  { slug: "gradus", name: "gradus", folder: "packages/gradus", modules: gradus },
  { slug: "papers", name: "@gradus/papers", folder: "packages/papers", modules: papers },
];

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
