// Measures claims for the site: `npm run measure` for all papers, `npm run measure -- anyloss` for some.
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
const output = openSync(file, "w");
const gradus = join(root, "apps", "cli", "bin", "gradus.js");
const status = await runNode([gradus, "verify", ...process.argv.slice(2), "--json"], {
  stdio: ["inherit", output, "inherit"],
});
closeSync(output);
if (MEASURED.includes(status)) {
  const claims = JSON.parse(readFileSync(file, "utf8"));
  for (const [slug, own] of Map.groupBy(claims, ({ paper }) => paper)) {
    const text = `${JSON.stringify(own, null, 2)}\n`;
    writeFileSync(join(siteFolder, "measurements", `${slug}.json`), text);
  }
}
rmSync(folder, { recursive: true });
process.exit(MEASURED.includes(status) ? 0 : status);
