// The official measurements of a paper: a file of its findings, and one of what its figures draw.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Measurement, measurementsOf, type Paper, type RunReport } from "@gradus/papers";
import { serializeCheckpoint } from "gradus/iterate";
import { packFigures } from "../../apps/site/src/lib/lab/measured/figures.ts";

type Kept = Pick<Measurement, "experiment" | "profile">;

const writeJson = (file: string, content: unknown) => writeFileSync(file, `${JSON.stringify(content)}\n`);

/** Puts measurements in the place of those of the same experiments and profiles. */
function keepFindings(file: string, order: readonly string[], fresh: readonly Kept[]): void {
  // Numbers that JSON has no word for stay as they are written.
  const { measurements: old }: { measurements: readonly Kept[] } = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { measurements: [] };
  const isReplaced = ({ experiment, profile }: Kept) =>
    fresh.some((one) => one.experiment === experiment && one.profile === profile);
  const measurements = [...old.filter((one) => !isReplaced(one)), ...fresh]
    .filter(({ experiment }) => order.includes(experiment))
    .toSorted((a, b) => order.indexOf(a.experiment) - order.indexOf(b.experiment));
  writeJson(file, { gradus: "measurements", format: 1, measurements });
}

/** Puts what runs drew in the place of what earlier runs of the same experiments drew. */
function keepFigures(file: string, order: readonly string[], drawn: readonly RunReport[]): void {
  const figures: Record<string, unknown> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  for (const report of drawn) figures[report.experiment] = packFigures(report);
  const known = order.filter((id) => figures[id] !== undefined);
  writeJson(file, Object.fromEntries(known.map((id) => [id, figures[id]])));
}

/**
 * Keeps what experiments of a paper measured and drew, in the place of what they had; other experiments keep theirs, unless
 * the paper no longer has them. Returns the file of the findings.
 *
 * @param folder of `<slug>.json` and `figures/<slug>.json`
 * @param reports of every seed; the first one's plots are kept
 */
export function keepMeasurements(
  folder: string,
  { slug, experiments }: Pick<Paper, "slug" | "experiments">,
  reports: readonly RunReport[],
  version: string,
): string {
  const order = experiments.map(({ id }) => id);
  const file = join(folder, `${slug}.json`);
  mkdirSync(join(folder, "figures"), { recursive: true });
  keepFindings(file, order, JSON.parse(serializeCheckpoint(measurementsOf(reports, version))));
  // Pages draw the quick size, and of seeds after the first there are no plots.
  keepFigures(
    join(folder, "figures", `${slug}.json`),
    order,
    reports.filter(({ profile, plots }) => profile === "quick" && plots.length > 0),
  );
  return file;
}
