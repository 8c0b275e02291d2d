// Keeps for the site what the runs of a record drew: `node apps/site/scripts/measured-figures.ts record.json`, where
// `gradus show --json` has written the record.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RunReport } from "@gradus/papers";
import { parseCheckpoint } from "gradus/iterate";
import { packFigures } from "../src/lib/lab/measured/figures.ts";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("say which record: measured-figures.ts record.json");
const { reports } = parseCheckpoint(readFileSync(file, "utf8")) as { readonly reports: readonly RunReport[] };
// Of seeds after the first no figures are kept.
const drawn = reports.filter(({ plots }) => plots.length > 0);
const folder = new URL("../measurements/figures/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [paper, own] of Map.groupBy(drawn, (report) => report.paper)) {
  const figures = Object.fromEntries(own.map((report) => [report.experiment, packFigures(report)]));
  writeFileSync(fileURLToPath(new URL(`${paper}.json`, folder)), `${JSON.stringify(figures)}\n`);
}
