// Measures claims for the site over seeds, and keeps the figures: `npm run measure` for all papers, `npm run measure -- anyloss` for
// some.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { siteFolder } from "./site.mjs";
import { ensureInstalled, root, runNode } from "./workspace.mjs";

ensureInstalled();
/** Exit statuses of `gradus verify` with which claims have verdicts: all held, or some did not. */
const MEASURED = [0, 1];

const folder = mkdtempSync(join(tmpdir(), "gradus-measure-"));
const file = join(folder, "claims.json");
const gradus = join(root, "apps", "cli", "bin", "gradus.js");

/** Runs gradus with its output in a file; returns its exit status. */
async function print(words, file) {
  const output = openSync(file, "w");
  const status = await runNode([gradus, ...words], { stdio: ["inherit", output, "inherit"] });
  closeSync(output);
  return status;
}

const status = await print(["verify", ...process.argv.slice(2), "--seeds", "official", "--json"], file);
if (MEASURED.includes(status)) {
  const { measurements, ...kind } = JSON.parse(readFileSync(file, "utf8"));
  delete kind.claims;
  for (const [slug, own] of Map.groupBy(measurements, ({ paper }) => paper)) {
    const text = `${JSON.stringify({ ...kind, measurements: own })}\n`;
    writeFileSync(join(siteFolder, "measurements", `${slug}.json`), text);
  }
  const record = join(folder, "record.json");
  // Exits as the run did, with 1 where a claim did not hold.
  await print(["show", "latest", "--json"], record);
  await runNode([join(siteFolder, "scripts", "measured-figures.ts"), record]);
}
rmSync(folder, { recursive: true });
process.exit(MEASURED.includes(status) ? 0 : status);
