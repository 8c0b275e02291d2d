import { quote, repeatArguments } from "../command-line/arguments.ts";
import { drawnReports, isModified, type RunRecord, subjectOf, verdictsOf } from "../runs/record.ts";
import { claimTable, countVerdicts } from "./claims.ts";
import type { Palette } from "./color.ts";
import { reportLines } from "./report.ts";
import { layoutTable } from "./table.ts";
import { paragraph, stack, wrap } from "./text.ts";

/** The verdicts on the claims, what could not be run, and notes. */
export function verdictLines(record: RunRecord, width: number, palette: Palette): string[] {
  const verdicts = verdictsOf(record);
  const all = verdicts.flatMap((paper) => paper.verdicts);
  return stack([
    claimTable(verdicts, width, palette),
    verdicts.length > 1 ? wrap(`Total: ${countVerdicts(all)}`, width) : [],
    isModified(record)
      ? wrap("Parameters were changed: the results are not a verdict on the paper's claims.", width)
      : [],
    ...record.failures.map(({ experiment, reason }) => [
      ...wrap(`${experiment} failed:`, width),
      ...reason.split("\n").flatMap((line) => paragraph(line, width, "  ")),
    ]),
  ]);
}

/** An instant in the reader's time zone, such as `2026-11-25 13:44`. */
export function formatInstant(instant: string): string {
  const time = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The contents of a record: its origin, the report of each experiment, and the verdicts. */
export function recordLines(
  record: RunRecord,
  { invocation, width, palette }: { invocation: string; width: number; palette: Palette },
): string[] {
  const { plan, threads, id, finishedAt, versions, reports } = record;
  const environment = reports[0]?.environment;
  const facts = [
    ["run", id],
    ["what", `${plan.command} ${subjectOf(record)}`],
    ["finished", formatInstant(finishedAt)],
    ["on", environment ? `${environment.platform}, ${environment.cores} cores` : ""],
    ["with", Object.entries(versions).flat().join(" ")],
  ]
    .filter(([, value]) => value !== "")
    .map(([name, value]) => [{ text: name, style: palette.muted }, { text: value }]);
  return stack([
    [
      ...layoutTable([{ header: "", wraps: false }, { header: "" }], facts, { width }),
      // Never broken, so that it can be copied.
      palette.muted("Reproduce with:"),
      `  ${invocation} ${repeatArguments(plan, threads).map(quote).join(" ")}`,
    ],
    ...drawnReports(record).map((report) => reportLines(report, width, palette)),
    verdictLines(record, width, palette),
  ]);
}
