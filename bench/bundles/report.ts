import { type BundledModule, type Script, totalSize } from "./bundle.ts";
import { type BundleCase, bundleCases } from "./cases.ts";

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
/** So many modules are named of each program. */
const NAMED = 5;

/** The folder of a package of ours (`gradus/linalg`), the name of another package, or the module's own name. */
function partOf(module: string): string {
  const own = /^((?:gradus|@gradus\/\w+)(?:\/[\w-]+(?=\/))?)/.exec(module);
  return own?.[1] ?? /^(@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module;
}

function byPart(modules: readonly BundledModule[]): BundledModule[] {
  const lengths = new Map<string, number>();
  for (const { name, length } of modules)
    lengths.set(partOf(name), (lengths.get(partOf(name)) ?? 0) + length);
  return [...lengths].map(([name, length]) => ({ name, length })).sort((a, b) => b.length - a.length);
}

/** What is in the scripts, in shares of the code before minification. */
function contents(scripts: readonly Script[]): string {
  const modules = scripts.flatMap((script) => script.modules).sort((a, b) => b.length - a.length);
  const total = modules.reduce((sum, { length }) => sum + length, 0);
  const shares = (parts: readonly BundledModule[]) =>
    parts.map(({ name, length }) => `${name} ${Math.round((100 * length) / total)} %`).join(", ");
  const parts = byPart(modules).filter(({ length }) => length >= total / 100);
  return `${shares(parts)}. Largest of ${modules.length} modules: ${shares(modules.slice(0, NAMED))}.`;
}

/**
 * The sizes as Markdown.
 *
 * @param fetched what a page fetches to run each case
 */
export function bundleReport(
  fetched: ReadonlyMap<BundleCase, readonly Script[]>,
  { date, versions }: { readonly date: string; readonly versions: readonly string[] },
): string {
  const rows = bundleCases.map((one) => {
    const { minified, gzip, brotli } = totalSize(fetched.get(one)!);
    return line([one.title, kilobytes(minified), kilobytes(gzip), kilobytes(brotli), String(one.budget)]);
  });
  const details = bundleCases.flatMap((one) => [
    `- **${one.title}** (at most ${one.budget} kB): ${one.reason}.`,
    `  ${contents(fetched.get(one)!)}`,
  ]);
  return [
    "# What a page fetches",
    "",
    `Measured ${date} by \`npm run bench -- --bundles\`: each program bundled for production with Vite's defaults, in kB`,
    "(1,000 bytes) of JavaScript that the page fetches to run it. The budget is for gzip at level 9; brotli is at quality",
    "11. What is fetched beside JavaScript does not count: ONNX Runtime's WebAssembly (14.2 MB, 3.7 MB compressed), of",
    "which a page with a graph needs one file, and the rows of a data set. The sources are bundled; the published packages",
    "give the same sizes to a percent. A test holds every program to its budget.",
    "",
    `With ${versions.join(", ")}.`,
    "",
    line(["program", "minified", "gzip", "brotli", "budget"]),
    line(["---", "---:", "---:", "---:", "---:"]),
    ...rows,
    "",
    "## Reasons and contents",
    "",
    "Shares are of the code before minification, without what the program does not use; parts below 1 % are left out.",
    "",
    ...details,
    "",
  ].join("\n");
}
