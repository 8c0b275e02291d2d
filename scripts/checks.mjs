// Types, lint and format: what `npm run check` and `npm test` look at before anything runs.
import { ensureBuilt, siteFolder, syncSite } from "./site.mjs";
import { bin, runNode } from "./workspace.mjs";

const types = ["types", () => runNode([bin.tsc, "-p", "tsconfig.json"])];
const siteTypes = [
  "types of the site",
  () =>
    runNode([bin.svelteCheck, "--tsconfig", "tsconfig.json", "--output", "human", "--fail-on-warnings"], {
      cwd: siteFolder,
    }),
];
const workerTypes = [
  "types of the service worker",
  () => runNode([bin.tsc, "-p", "src/service-worker/tsconfig.json"], { cwd: siteFolder }),
];
const style = ["lint and format", () => runNode([bin.biome, "check", "."])];
const routes = ["types of the site's routes", syncSite];
const build = ["the build of the site", ensureBuilt];

/** Takes the steps of a lane one after another; resolves to the first exit status that is not 0. */
async function take(lane) {
  for (const [name, step] of lane) {
    const status = await step();
    if (status !== 0) {
      console.error(`gradus: ${name} failed`);
      return status;
    }
  }
  return 0;
}

/**
 * Checks types and style, and builds the site meanwhile where its tests will want it; resolves to an exit status.
 * The build writes the types of routes that the checks of the site read, so these come after it.
 */
export async function check({ withBuild = false } = {}) {
  for (const lanes of [
    [[routes]],
    [[types, style], withBuild ? [build] : []],
    [[siteTypes], [workerTypes]],
  ]) {
    const statuses = await Promise.all(lanes.map(take));
    const failed = statuses.find((status) => status !== 0);
    if (failed !== undefined) return failed;
  }
  return 0;
}
