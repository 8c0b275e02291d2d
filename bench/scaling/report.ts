import { figureFile } from "@gradus/figures/svg-text";
import type { PlotSpecification } from "@gradus/papers";
import type { CaseResult, Results } from "../measure.ts";
import type { Occasion } from "../record.ts";
import { ratio, spread } from "../statistics.ts";
import { type Growth, growths } from "./exponents.ts";
import { families } from "./families.ts";
import type { Family } from "./family.ts";

const milliseconds = (seconds: number) => (1000 * seconds).toPrecision(3);
const exponent = (value: number) => value.toFixed(2);
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** Time against size, both logarithmic, as the text of an SVG file; undefined where nothing was timed. */
export function figure(
  { id, paper, title, size, cases }: Family,
  all: readonly Growth[],
): string | undefined {
  const specification: PlotSpecification = {
    id,
    title: `${title} (paper ${paper})`,
    x: { label: size, scale: "log" },
    y: { label: `time of a ${cases[0].case.unit} (ms)`, scale: "log" },
    mark: "line",
    series: all.map(({ label }) => label),
  };
  const data = all.map(({ label, times }) => [
    label,
    times.map(({ size: x, timing }) => ({ x, y: 1000 * spread(timing.seconds).median })),
  ]);
  return figureFile(specification, Object.fromEntries(data));
}

/** An entrant's exponent, and at each size its time and what gradus' method takes of it. */
function row({ cases }: Family, own: Growth, { label, times, law }: Growth): string {
  const cells = cases.map(({ size }) => {
    const timing = times.find((one) => one.size === size)?.timing;
    if (!timing) return "";
    const ours = own.times.find((one) => one.size === size)?.timing;
    const iterations = timing.iterations === undefined ? "" : `, ${timing.iterations} it.`;
    const share =
      ours && ours !== timing ? ` (${ratio(ours.seconds, timing.seconds).median.toPrecision(2)})` : "";
    return `${milliseconds(spread(timing.seconds).median)}${iterations}${share}`;
  });
  const slope = law ? `${exponent(law.slope)} [${law.interval.map(exponent).join(", ")}]` : "";
  return line([label, slope, ...cells]);
}

/** Who is not in a family's table, at which size, and why. */
function absences({ cases }: Family, results: readonly CaseResult[]): string[] {
  return cases.flatMap(({ size, case: { id } }) =>
    (results.find((result) => result.id === id)?.absences ?? []).map(
      ({ label, reason }) => `- ${label} at ${size.toLocaleString("en")}: ${reason}`,
    ),
  );
}

function section(family: Family, results: readonly CaseResult[]): string[] {
  const all = growths(family, results);
  const { id, paper, title, size, cases } = family;
  if (all.length === 0) return [];
  const sizes = cases.map((one) => one.size.toLocaleString("en"));
  const missing = absences(family, results);
  return [
    `## ${title} (paper ${paper})`,
    `![Time against ${size}](figures/${id}.svg)`,
    [
      line(["library", "exponent", ...sizes.map((text, i) => (i === 0 ? `${size}: ${text}` : text))]),
      line(["---", "---", ...sizes.map(() => "---")]),
      ...all.map((growth) => row(family, all[0], growth)),
    ].join("\n"),
    ...(missing.length === 0 ? [] : [missing.join("\n")]),
  ];
}

/** The scaling tables as Markdown, with the figures beside them. */
export function scalingReport(
  { cases: results, identities }: Results,
  { date, command, machine, load, plan }: Occasion,
): string {
  const sections = [
    "# Time against size",
    `Measured ${date} by \`${command}\` in one run: ${plan.rounds} rounds, in each of which everyone solved every problem in turn, again and again until ${plan.seconds} s were over. A time is the median over the rounds, in ms, followed by the iterations where they are known; in parentheses what the family's first method takes of it (the median of the rounds' ratios). The exponent is the slope of the line through the logarithms of the times, with its 95 % interval; time that does not depend on the size makes it smaller than the algorithm's, and each size has a problem of its own, some harder than the next, which makes the interval wide. Everyone runs in one thread, and the results are compared before they are timed.`,
    [
      `- ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}; load before the run ${load.before.toFixed(1)}, at its end ${load.after.toFixed(1)}`,
      ...[...identities].map(([peer, { version }]) => `- ${peer} ${version}`),
    ].join("\n"),
    ...families.flatMap((family) => section(family, results)),
  ];
  return `${sections.join("\n\n")}\n`;
}
