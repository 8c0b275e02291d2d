// `npm run bench`: installs the libraries that gradus is timed beside (once, into bench/peers/node_modules), then
// runs the comparison. `npm run bench -- --quick` is a short run that leaves bench/RESULTS.md as it is, as does one of
// some cases only, `npm run bench -- --cases matmul,libsvm --rounds 5`, unless `--update` is given. `npm run bench -- --scaling` times problems of
// several sizes beside scipy and scikit-learn instead, `npm run bench -- --bundles` measures what pages fetch, and
// `npm run bench -- --browser` training steps in Chromium; none of them needs anything installed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bin, ensureInstalled, root, runNode } from "./workspace.mjs";

const usage = `npm run bench -- [options]

  --quick            short rounds; writes nothing
  --cases a,b        cases whose names begin so; writes nothing, or with --update
  --update           puts these cases on record: their times replace the ones in RESULTS.md and results.json
  --rounds n         how often everyone has a turn (11; 3 with --quick)
  --scaling          problems of several sizes beside scipy and scikit-learn: writes SCALING.md and figures/;
                     takes --cases and --rounds (5)
  --bundles          what a page fetches: writes BUNDLES.md
  --browser          training steps of imported models in Chromium, with threads and without: writes BROWSER.md;
                     takes --cases, --rounds (3) and --seconds (2)
  --help             this text

Without --quick and --cases, all cases are put on record.`;

if (process.argv.includes("--help")) {
  console.log(usage);
  process.exit(0);
}

ensureInstalled();
const peers = join(root, "bench", "peers");
const alone = { "--scaling": "scaling.ts", "--bundles": "bundles/main.ts", "--browser": "browser/main.ts" };
const other = Object.keys(alone).find((option) => process.argv.includes(option));
if (!other && !existsSync(join(peers, "node_modules", ".package-lock.json"))) {
  console.log("gradus: installing the libraries to compare with (once) ...");
  const windows = process.platform === "win32";
  const { status } = spawnSync(
    windows ? "npm.cmd" : "npm",
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: peers, stdio: ["ignore", "inherit", "inherit"], shell: windows },
  );
  if (status !== 0) console.error("gradus: that failed; the table will say which of them are absent");
}
const status = await runNode([
  join(root, "bench", other ? alone[other] : "bench.ts"),
  ...process.argv.slice(2),
]);
if (status === 0 && !other && !process.argv.includes("--quick"))
  await runNode([bin.biome, "format", "--write", "--log-level=none", join(root, "bench", "results.json")]);
process.exit(status);
