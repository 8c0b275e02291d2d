import { readFile } from "node:fs/promises";
import { type Bundle, bundle, type Script } from "./bundle.ts";

/** A program whose JavaScript has a budget. */
export interface BundleCase {
  readonly title: string;
  /** The program's file, from this folder; of a Markdown file its first program. */
  readonly file: string;
  /** At most so many kB (1,000 bytes), compressed by gzip. */
  readonly budget: number;
  /** Why so many. */
  readonly reason: string;
  /** Whether there are dynamic imports, and whether the program gets to them, so that their scripts count. */
  readonly dynamicImports: "none" | "reached" | "not reached";
  /** Beginnings of the names of modules that its scripts must not have. */
  readonly without: readonly string[];
}

const GRAPH = ["@gradus/graph", "onnxruntime", "@bufbuild"];

export const bundleCases: readonly BundleCase[] = [
  {
    title: "`conjugateGradient` on an operator",
    file: "programs/conjugate-gradient.ts",
    budget: 8,
    reason:
      "one method for linear systems, with its checks and messages, beside which a page has its own work to do",
    dynamicImports: "none",
    without: [...GRAPH, "gradus/optimize", "gradus/random"],
  },
  {
    title: "`minimize` with `gnsNewton` on functions written by hand",
    file: "programs/gns-newton.ts",
    budget: 20,
    reason: "the driver, the method, all kinds of Hessian that it takes and the dense algebra for them",
    dynamicImports: "none",
    without: GRAPH,
  },
  {
    title: "nonnegative lasso by `blockCoordinateDescent`",
    file: "programs/lasso.ts",
    budget: 41.6,
    reason:
      "every way to choose and to update a block, working sets, compiled kernels for columns, and an eigensolver (a fifth) for blocks that are not positive definite",
    dynamicImports: "none",
    without: GRAPH,
  },
  {
    title: "a network trained to its global optimum by `fitConvexReluNetwork`",
    file: "programs/convex-network.ts",
    budget: 86,
    reason:
      "twice the lasso's, which it contains: splitting methods, an interior-point method, L-BFGS, compiled dense algebra and a QR factorization for more columns than rows (5 kB) come with it",
    dynamicImports: "none",
    // losses bring the operations of their traced form, but neither the encoder nor the runtime
    without: ["onnxruntime", "@bufbuild"],
  },
  {
    title: "`randomStream`",
    file: "programs/random-stream.ts",
    budget: 5,
    reason: "most programs have one, so it has to be small beside any of them",
    dynamicImports: "none",
    without: [...GRAPH, "gradus/linalg"],
  },
  {
    title: "`loadDataset` of one set",
    file: "programs/load-dataset.ts",
    budget: 10,
    reason:
      "the readers alone; the rows of a set stay in a file of their own (but for iris, 3 kB) until asked for",
    dynamicImports: "none",
    without: [...GRAPH, "gradus/data/download/catalogue"],
  },
  {
    title: "the loader of the graph engine (a gradient traced, compiled and run)",
    file: "programs/traced-gradient.ts",
    budget: 120,
    reason:
      "tracing, differentiation, the ONNX encoder and ONNX Runtime's JavaScript, before its WebAssembly",
    dynamicImports: "reached",
    without: ["gradus/"],
  },
  {
    title: "a network trained by `adam`",
    file: "programs/train.ts",
    budget: 100,
    reason: "half a second at 1.6 Mbit/s, what page-speed tools take for a slow phone connection",
    dynamicImports: "reached",
    without: ["gradus/linalg/krylov"],
  },
  {
    title: "the README's program",
    file: "../../README.md",
    budget: 100,
    reason: "the same half second for a typical page, with a data set, a loss and a metric",
    dynamicImports: "reached",
    without: ["gradus/linalg/krylov", "gradus/data/download/catalogue"],
  },
  {
    title: "the list of the papers",
    file: "programs/papers.ts",
    budget: 56,
    reason:
      "titles, claims and remarks of 21 papers, 2.6 kB each; experiments and methods come when one is run",
    dynamicImports: "not reached",
    without: [...GRAPH, "gradus/", "zod"],
  },
];

/** The case's program. */
async function programOf({ file }: BundleCase): Promise<string> {
  const text = await readFile(new URL(file, import.meta.url), "utf8");
  if (!file.endsWith(".md")) return text;
  const program = /^```ts\n(.*?)^```$/ms.exec(text)?.[1];
  if (program === undefined) throw new RangeError(`${file} has no program`);
  return program;
}

/** The bundle of a case. */
export async function bundleCase(one: BundleCase): Promise<Bundle> {
  return bundle(await programOf(one));
}

/** The scripts that a page fetches to run a case. */
export function fetchedScripts({ dynamicImports }: BundleCase, { scripts }: Bundle): readonly Script[] {
  return scripts.filter(({ initial }) => initial || dynamicImports === "reached");
}
