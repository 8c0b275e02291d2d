/** gradus' side of the cases that need no graph, computed in JavaScript: `host.ts <inputs>`. */
import { readInputs } from "../input-files.ts";
import { versionOf } from "../versions.ts";
import { type Runner, serve } from "../worker.ts";
import { libsvmReading, sparseProduct } from "./sparse.ts";

const [directory] = process.argv.slice(2);
const inputs = readInputs(directory);

const programs: Record<string, () => Runner> = { libsvm: () => libsvmReading(directory) };
for (const name of ["cached", "tall", "vast"] as const) {
  programs[`sparse-${name}`] = () => sparseProduct(inputs, name, false);
  programs[`sparse-${name}-transposed`] = () => sparseProduct(inputs, name, true);
}

await serve({
  identity: { version: versionOf("gradus"), settings: "1 thread" },
  build: (program) => programs[program](),
});
