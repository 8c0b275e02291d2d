// Types, lint and format. `npm run check`
import { bin, ensureInstalled, runNode } from "./workspace.mjs";

ensureInstalled();
const steps = [
  ["types", [bin.tsc, "-p", "tsconfig.json"]],
  ["lint and format", [bin.biome, "check", "."]],
];
for (const [name, args] of steps) {
  const status = await runNode(args);
  if (status !== 0) {
    console.error(`gradus: ${name} failed`);
    process.exit(status);
  }
}
