// Types, lint and format. `npm run check`
import { siteFolder, syncSite } from "./site.mjs";
import { bin, ensureInstalled, runNode } from "./workspace.mjs";

ensureInstalled();
const steps = [
  ["types", () => runNode([bin.tsc, "-p", "tsconfig.json"])],
  ["types of the site's routes", syncSite],
  [
    "types of the site",
    () =>
      runNode([bin.svelteCheck, "--tsconfig", "tsconfig.json", "--output", "human", "--fail-on-warnings"], {
        cwd: siteFolder,
      }),
  ],
  [
    "types of the service worker",
    () => runNode([bin.tsc, "-p", "src/service-worker/tsconfig.json"], { cwd: siteFolder }),
  ],
  ["lint and format", () => runNode([bin.biome, "check", "."])],
];
for (const [name, step] of steps) {
  const status = await step();
  if (status !== 0) {
    console.error(`gradus: ${name} failed`);
    process.exit(status);
  }
}
