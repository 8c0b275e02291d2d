import { type Case, cases } from "./cases.ts";
import { sizeSummaries } from "./fitting-report.ts";
import { arithmetic, measuredPeak } from "./floors.ts";
import { type CaseResult, START_UP, type StartUp, type Timing } from "./measure.ts";
import type { Recorded, RecordedCase, Run } from "./record.ts";
import { sizes } from "./sizes.ts";
import { ratio, type Spread, spread } from "./statistics.ts";

/** Tracing, differentiating and compiling a Hessian-vector product, in seconds. */
const START_UP_BUDGET = 0.15;
/** An AnyLoss iteration over a cross-entropy iteration. */
const METRIC_LOSS_BUDGET = 1.6;

const OURS = "gradus";

const NOTES = [
  "The floor of a case is what its matrix products and convolutions would take at the machine's peak: the most operations a second that any library reached in the square matrix products below, in the same precision.",
  "Every call ends with its scalar result on the host and everything else computed.",
  "Every process keeps the memory that it frees (glibc's thresholds are raised for all): otherwise large blocks go back to the system, or do not, depending on what the process ran before, and a call that takes them again can take seven times as long.",
  "PyTorch is Debian's, in eager mode, with OpenBLAS where that could be found (its line above names the BLAS and the GFLOP/s of a 512 x 512 float32 matrix product): with the reference BLAS its matrix products are tens of times slower.",
  "scipy's sparse products and scikit-learn's reader have one thread, as gradus' have; `A^T y` is scipy's product with `A.T`, the same arrays read by columns. scipy makes a new array for each product, gradus is given one.",
  "Sparse products without a resident matrix are a loop over the caller's arrays, so that changed entries count; nothing is copied. Each row is summed from left to right: on long rows each entry waits for the addition before it, in scipy's loop too (0.95 and 0.76 ns an entry). On a million columns the loop waits for memory, where the resident matrix goes tile by tile, and takes 1.6 to 9 times as long, by what else uses the third-level cache.",
  "Of the float64 Hessian-vector product of the 6x64 network, the 43 matrix products, as few as there can be, take two thirds of the time: 0.33 of 0.5 ms alone in a program. Its 59 element-wise operations and sums take about a fifth, and handing in 26 arrays and out 12 another one. Stacked rows of values and tangents would leave 28 products; written so by hand the product takes 1.01 to 1.07 times as long, because putting rows together and apart costs what fewer products save.",
  `The LIBSVM file is made by a seed: rows of ${sizes.libsvm.entries.join(" to ")} entries, values of ${sizes.libsvm.digits} digits. gradus reads it as a stream; scikit-learn by its name, with its reader in Cython.`,
  "All Lanczos runs make every vector orthogonal to all before it, PyTorch's plain Lanczos twice, gradus once more where rounding asks for it. PyTorch differentiates once a run and keeps the graph for all its products; gradus computes the first products of a run whole (four, or as many as pay for compiling the rest), and keeps what depends on the parameters alone for the others. For single products at one point both keep it from call to call; torch.func and the raw product of the 6x64 network compute everything each time.",
  "Tangent kernels: JAX and neural-tangents are not in this comparison, since they could not be installed where it was made. The peer of the empirical kernel is the vmap of jacrev that PyTorch's documentation gives, with a contraction of its rows; gradus knows the layers of its perceptrons and forms no gradients, or, for any model, compiles a program anew in every call. The peer of the infinitely wide networks is their recursion over whole matrices in NumPy; gradus computes the lower triangle.",
  "The minimizers start from the same point and end where f - f* or the gradient is as small as the title says, checked at every iteration: by a callback in scipy, by the tolerance that reaches it in scikit-learn. scipy's Newton-CG gets Hessian-vector products, trust-exact the Hessian; what scipy and scikit-learn compute with dense matrices has Debian's BLAS in one thread.",
  "CBXpy could not be installed where this was made: its peer is a loop in NumPy with the operations of its step. scipy's differential_evolution evaluates whole populations; dual_annealing finishes its candidates by L-BFGS-B with differences, which suits Rastrigin's smooth basins. Three tenths of a particle's step go into normal numbers, by a ziggurat whose bits are the same on every machine.",
  "Eight explanations: the 1,000 perturbations of one row are a batch already, so that row by row lacks little but the calls: a hundred rows at once take a sixth to a fifth of the time over all eight. Two thirds of what remains are the model itself, in runs whose arrays fit the second-level cache. A second thread lengthens them, by a quarter for scores: each layer takes 40 us, and its halves meet in the other core's cache. Two processes, each with rows of its own, do not slow each other down, but ONNX Runtime computes independent parts of a graph one after the other, with its parallel executor, too.",
  "Square products at the engine: of a product of order 512 in float32 on one thread the kernel takes 89 %, at 157 GFLOP/s, in float64 91 %, and of order 1,024 94 and 95 %. The rest is the result, which onnxruntime-node copies into new, zeroed memory on one thread, 0.19 ms a megabyte, those that it was given memory for as well; inputs are not copied. With the kernel on two threads at twice the rate, a product of order 512 in float32 would take 1.1 ms.",
  "Under equality constraints trust-constr and SLSQP get exact derivatives, compiled to straight-line Python, and make as many iterations as a first run needed for a KKT residual of 1e-8; where they stop short of it (on HS100LNP, at 6e-8 and 1.1e-8) they run until they give up. Of the solvers of Newton systems the factorizations solve to rounding, the iterative methods to the residual.",
  "The direction network has 8 channels, half of a block of 16, in which the native runtime convolves. Two samples of the batch share a block, with zeros between the weights of one and the other, and what is computed stays in blocks from the first convolution to the last: 0.70 of the time of a step in which each convolution fills blocks with two rows of its result and puts them back in order, on two threads; 0.90 on one. A second thread gains a quarter of the step.",
  "DeepONet with 10,000 functions: 350 million operations a step in products with 40 columns, at 65 GFLOP/s on one thread two thirds of the time; the rest are passes over arrays of 1.6 MB. A second thread gains half of the step, for which sums over the rows are computed in four parts.",
  "Training data of operators: scipy integrates one function at a time, as the paper's authors do, with steps in Python and a cubic spline of the input; gradus steps on the input's grid (pendulum) or integrates the spline exactly (antiderivative), on the whole interval.",
  "Sampled convex programs are solved by blocks of coordinates, as fitConvexReluNetwork solves them. FISTA, the paper's method (sampledNetworkIterates), has gaps of 2e-4 |y|² (40 rows) and 4e-5 |y|² (200 rows) after 8,500 iterations.",
  "Images of digits 2 and 8: the width of PyTorch's network, Adam's learning rate and its two constants are those of a grid that reached the objective first, and so are ADMM's number of patterns, penalty and relaxation. ADMM needs sixteen iterations, with their factorization 2.1 billion operations in float64 in one thread of WebAssembly; 450 epochs of Adam are 21 billion in float32. Two thirds of ADMM's time go into matrix products at 21 billion operations a second.",
  "Diffusion models: every peer draws times and noise anew in each step, so that checks compare what the networks make of known points in four steps of the probability flow. PyTorch's sampler has what all samples share once a step, and activations in place. The U-Net's step has 0.57 GFLOP of products (0.69 before a convolution after upsampling became one before it), which take 4.6 ms on one thread, at 122 of the 220 GFLOP/s that one core of run 10's machine reaches. The rest moves memory: 149 element-wise operations on activations and parameters read and write 90 MB in 2.1 ms, at 43 GB/s where a loop over such arrays reaches 50, on two threads as on one, since ONNX Runtime splits only larger ones; ordering tensors for convolutions and their gradients takes 1.7 ms, sums and some 450 small operations 0.6. With all products at the peak of both cores, 1.3 ms, the step would take 5.7 ms: 0.6 of PyTorch's. PyTorch spends some three fifths of its step on convolutions, and a tenth on group normalization and SiLU, each a single pass there. The perceptron's products take 0.79 ms of its step at 137 GFLOP/s, 33 passes over activations and parameters 0.34 ms; noise, batches and features of times are computed ahead for all steps of a call. Two threads take 0.6 of the time for products of 512 x 128 and 128 x 128, but 27 microseconds in place of 10 for the pass behind one, half of whose operand lies in the other core's cache, and passes of so few entries stay on one thread. Adam and averaging update the 48 arrays as one vector.",
  "gradus, TF.js and jax-js on WebAssembly run in one thread: their threads need what browsers have and Node has not.",
  "Fused steps are one loop inside the graph for gradus; TF.js, jax-js (which has no scan) and PyTorch loop in their host language, jax-js over a jitted step.",
  "TF.js has reverse mode only. It silently drops terms of second derivatives through operations whose gradient uses their output, tanh among them, so its network has sinh / cosh in place of tanh in that case. It has no float64.",
];

interface BudgetLine {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
  /** The run of its case. */
  readonly run: number;
}

const milliseconds = (seconds: number) => (1000 * seconds).toPrecision(3);
const factor = (value: number) => value.toPrecision(2);

function inBrackets({ median, least, most }: Spread, format: (value: number) => string): string {
  return `${format(median)} [${format(least)}, ${format(most)}]`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function find({ timings }: CaseResult, label: string): Timing | undefined {
  return timings.find((timing) => timing.label === label);
}

/** The contender of a case that is compared with the others: the first. */
const oursOf = ({ contenders }: Pick<Case, "contenders">): string => contenders[0].label;

const caseOf = ({ id }: CaseResult): Case => cases.find((one) => one.id === id)!;

/** `; floor 0.13, 26 million operations`, where a case's operations and the machine's peak are known. */
function floorOf({ id }: Case, results: readonly CaseResult[]): string {
  const work = arithmetic[id];
  const peak = work && measuredPeak(results, work.dtype);
  if (!peak) return "";
  return `; floor ${milliseconds(work.operations / peak)}, ${Math.round(work.operations / 1e6).toLocaleString("en")} million operations`;
}

function caseRows(one: Case, result: RecordedCase, { cases: results, runs }: Recorded): string[][] {
  const { title, unit } = one;
  const ours = find(result, oursOf(one));
  const timed = result.timings.map((timing) => [
    timing.iterations === undefined ? timing.label : `${timing.label} (${timing.iterations} iterations)`,
    inBrackets(spread(timing.seconds), milliseconds),
    timing.settings,
    ours && timing !== ours ? inBrackets(ratio(ours.seconds, timing.seconds), factor) : "",
  ]);
  const absent = result.absences.map(({ label, reason }) => [label, `not timed: ${reason}`, "", ""]);
  const of = runs.length > 1 ? `; run ${result.run + 1}` : "";
  return [...timed, ...absent].map((cells, i) => [
    i === 0 ? `${title} (ms per ${unit}${floorOf(one, results)}${of})` : "",
    ...cells,
  ]);
}

function threadRows(result: CaseResult): string[][] {
  const choices = result.timings.filter(({ bySetting }) => Object.keys(bySetting).length > 1);
  return choices.map(({ label, bySetting }) => [
    caseOf(result).title,
    label,
    Object.entries(bySetting)
      .map(([setting, seconds]) => `${setting}: ${milliseconds(seconds)}`)
      .join("; "),
  ]);
}

function budgetLines({ cases: results, startUps }: Recorded): BudgetLine[] {
  const lines: BudgetLine[] = [];
  const byId = new Map(results.map((result) => [result.id, result]));
  const compare = (
    what: string,
    run: number,
    a: Timing | undefined,
    b: Timing | undefined,
    atMost: number,
  ) => {
    if (!a || !b) return;
    const measured = ratio(a.seconds, b.seconds);
    lines.push({
      what,
      wanted: `at most ${Number(atMost.toPrecision(2))}`,
      measured: inBrackets(measured, factor),
      met: measured.median <= atMost,
      run,
    });
  };
  for (const one of cases)
    for (const { of = oursOf(one), against, atMost } of one.budgets) {
      const result = byId.get(one.id);
      if (result)
        compare(
          `${one.title}: ${of} / ${against}`,
          result.run,
          find(result, of),
          find(result, against),
          atMost,
        );
    }
  const start = startUps.find(({ label }) => label === OURS);
  const started = byId.get(START_UP);
  if (start && started) {
    const first = spread(start.first);
    lines.push({
      what: "6x64 Hessian-vector product in a fresh process: trace, differentiate, compile, first run",
      wanted: `under ${1000 * START_UP_BUDGET} ms`,
      measured: `${inBrackets(first, milliseconds)} ms`,
      met: first.median < START_UP_BUDGET,
      run: started.run,
    });
  }
  // Two cases are compared where both are of one run.
  const plain = byId.get("bce");
  for (const [id, name] of [
    ["f1", "F1"],
    ["balanced", "balanced accuracy"],
    ["gmean", "G-mean"],
  ]) {
    const metric = byId.get(id);
    if (!plain || metric?.run !== plain.run) continue;
    const what = `AnyLoss ${name} / cross-entropy, both gradus`;
    compare(what, plain.run, find(metric, OURS), find(plain, OURS), METRIC_LOSS_BUDGET);
  }
  return lines;
}

function startUpSection(startUps: readonly StartUp[]): string[] {
  return [
    "## From nothing to the first Hessian-vector product",
    table(
      ["library", "first in a fresh process (ms)", "again in that process (ms)"],
      startUps.map(({ label, first, again }) => [
        label,
        inBrackets(spread(first), milliseconds),
        inBrackets(spread(again), milliseconds),
      ]),
    ),
  ];
}

function sizesSection({ cases: results }: Recorded): string[] {
  const summaries = sizeSummaries(results);
  if (summaries.length === 0) return [];
  return [
    "## Over three decades of sizes",
    "gradus over its fastest peer at each size, from arrays to weights: the median over the sizes, and the worst.",
    table(
      ["what", "wanted", "sizes", "median", "worst", "worst at"],
      summaries.map(({ what, atMost, sizes: count, median, worst, worstAt }) => [
        what,
        `at most ${atMost}`,
        String(count),
        factor(median),
        factor(worst),
        worstAt,
      ]),
    ),
  ];
}

function machineOf({ machine, load }: Run): string {
  return `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}; load before the run ${load.before.toFixed(1)}, at its end ${load.after.toFixed(1)}`;
}

const versionsOf = ({ identities }: Run): string[] =>
  Object.entries(identities).map(
    ([peer, { version, blas }]) => `${peer} ${version}${blas ? ` (${blas})` : ""}`,
  );

const turnsOf = ({ plan }: Run): string =>
  `${plan.rounds} rounds, in each of which every library ran every case for ${plan.seconds} s, in turn`;

const READING =
  "A time is the median over the rounds, with the least and the most; a ratio is the median of the rounds' ratios. Every library is shown at the thread setting that served it best in the case. Before timing, all libraries' losses, gradients and products were compared.";

/** When and where the times are from: of one run, or of several, numbered from 1. */
function origin({ runs, cases: results }: Recorded): string[] {
  const [first] = runs;
  if (runs.length === 1)
    return [
      `Measured ${first.date} by \`${first.command}\` in one run: ${turnsOf(first)}. ${READING}`,
      [machineOf(first), ...versionsOf(first)].map((line) => `- ${line}`).join("\n"),
    ];
  const lines = runs.map((run, i) => {
    const count = results.filter((result) => result.run === i).length;
    return `${i + 1}. ${run.date}, ${count} ${count === 1 ? "case" : "cases"} by \`${run.command}\`: ${turnsOf(run)}. ${machineOf(run)}. ${versionsOf(run).join("; ")}.`;
  });
  return [
    `Measured in ${runs.length} runs. The libraries of a case were timed in the same run, in turns; a later run of a case replaces an earlier one. ${READING}`,
    lines.join("\n"),
  ];
}

/** The latest times as Markdown. */
export function report(results: Recorded): string {
  const budgets = budgetLines(results);
  const several = results.runs.length > 1;
  const missed = budgets.filter(({ met }) => !met);
  const slower = results.cases.flatMap((result) => {
    const { title, ...one } = caseOf(result);
    const ours = find(result, oursOf(one));
    return result.timings
      .filter((timing) => ours && timing !== ours && ratio(ours.seconds, timing.seconds).median > 1)
      .map(
        (timing) => `${title}: ${factor(ratio(ours!.seconds, timing.seconds).median)} times ${timing.label}`,
      );
  });
  const sections = [
    "# Timings beside other libraries",
    ...origin(results),
    "## Budgets",
    table(
      ["what", "wanted", "measured", "", ...(several ? ["run"] : [])],
      budgets.map(({ what, wanted, measured, met, run }) => [
        what,
        wanted,
        measured,
        met ? "met" : "**not met**",
        ...(several ? [String(run + 1)] : []),
      ]),
    ),
    `${budgets.length - missed.length} of ${budgets.length} budgets are met.`,
    slower.length === 0
      ? "gradus is slower than another library in no case."
      : `gradus is slower than another library here:\n\n${slower.map((line) => `- ${line}`).join("\n")}`,
    ...sizesSection(results),
    "## Times",
    table(
      ["case", "library", "time", "threads", "gradus / library"],
      results.cases.flatMap((result) => caseRows(caseOf(result), result, results)),
    ),
    "## Threads",
    "Medians in ms at each setting of the threads, where there is a choice; settings several times slower than another are left out.",
    table(["case", "library", "by setting"], results.cases.flatMap(threadRows)),
    ...(results.startUps.length === 0 ? [] : startUpSection(results.startUps)),
    "## Notes",
    NOTES.map((note) => `- ${note}`).join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}
