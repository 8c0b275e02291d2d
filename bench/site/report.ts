import type { Machine } from "../machine.ts";
import type { Load } from "./clients.ts";
import type { Costs } from "./costs.ts";
import type { Recall } from "./recall.ts";
import type { Scenario } from "./scenarios.ts";

/** A kind of requests and what they took. */
export interface Measured {
  readonly scenario: Scenario;
  readonly load: Load;
  readonly costs: Costs;
}

/** Where and how it was measured. */
export interface Occasion {
  readonly machine: Machine;
  readonly date: string;
  readonly papers: number;
  readonly engine: string;
  /** Version and memory of a database server. */
  readonly server?: string;
  readonly seconds: number;
  readonly warmUp: number;
  /** Runnable processes on average over a minute; the measurement itself adds two or three. */
  readonly load: { readonly before: number; readonly after: number };
  /** Resident memory of the server at the end, in bytes. */
  readonly memory: number;
  readonly command: string;
}

/** Answers that say that something went wrong; refusals that say when to come back are none under overload. */
function failures({ scenario, load: { statuses, refused } }: Measured): number {
  const all = Object.entries(statuses).reduce(
    (sum, [status, count]) => sum + (Number(status) >= 500 ? count : 0),
    0,
  );
  return scenario.overload ? all - refused : all;
}

function verdict(measured: Measured): string {
  const { scenario, load } = measured;
  const failed = failures(measured);
  const say = (wanted: string, met: boolean) => `${wanted}: ${met && failed === 0 ? "met" : "**not met**"}`;
  if (scenario.overload)
    return say(`refusals with Retry-After (${load.refused}), nothing else`, load.refused > 0);
  if (!scenario.target) return "no target";
  const { perSecond, p99, most } = scenario.target;
  const wanted = [
    ...(perSecond === undefined ? [] : [`${perSecond}/s`]),
    ...(p99 === undefined ? [] : [`p99 ≤ ${p99} ms`]),
    ...(most === undefined ? [] : [`each ≤ ${most} ms`]),
  ];
  const met =
    load.perSecond >= (perSecond ?? 0) &&
    load.p99 <= (p99 ?? Number.POSITIVE_INFINITY) &&
    load.most <= (most ?? Number.POSITIVE_INFINITY);
  return say(wanted.join(", "), met);
}

/** What the index of the vectors finds in one database as a section in Markdown. */
export function recallText(
  { searches, all, first, half, tenth }: Recall,
  {
    papers,
    engine,
    date,
    server,
    command,
  }: Pick<Occasion, "papers" | "engine" | "date" | "server" | "command">,
): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return [
    `## Nearest papers found, of ${papers.toLocaleString("en-US")} on ${engine}`,
    "",
    `Of the papers nearest to a search by meaning, at most 100 of cosine 0.05 or more, the index finds ${percent(all)} on average over ${searches} searches, and ${percent(first)} of the nearest 10. Half of the searches get at most ${percent(half)} of theirs, a tenth of them at most ${percent(tenth)}. The words of synthetic papers are drawn one by one, so that vectors of rare words lie in no direction of their own: an index finds less of them than of real texts.`,
    "",
    `${date}${server ? `, ${server}` : ""}. Made by \`${command} --only recall --write\`.`,
    "",
  ].join("\n");
}

/** The measurements of one database as a section in Markdown. */
export function reportText(results: readonly Measured[], occasion: Occasion): string {
  const { machine, load, papers } = occasion;
  const rows = results.map((measured) => {
    const { perSecond, p50, p99, most, requests } = measured.load;
    const figures = [
      measured.scenario.clients,
      perSecond.toFixed(0),
      measured.costs.statements.toFixed(1),
      measured.costs.processor.toFixed(1),
      measured.costs.database.toFixed(1),
      p50.toFixed(1),
      p99.toFixed(1),
      most.toFixed(0),
      failures(measured),
      requests,
    ];
    return `| ${measured.scenario.name} | ${figures.join(" | ")} | ${verdict(measured)} |`;
  });
  return [
    `## ${papers.toLocaleString("en-US")} papers on ${occasion.engine}`,
    "",
    `${occasion.date}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}${occasion.server ? `, ${occasion.server}` : ""}. Load of the machine before ${load.before.toFixed(1)}, after ${load.after.toFixed(1)}. ${occasion.seconds} s a row after a warm-up of ${occasion.warmUp} s. The server's memory at the end: ${(occasion.memory / 2 ** 20).toFixed(0)} MiB. Made by \`${occasion.command} --write\`.`,
    "",
    "| requests | clients | per second | statements each | processor, ms each | database, ms each | p50, ms | p99, ms | most, ms | 5xx | requests | target |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ...rows,
    "",
    ...results.map(({ scenario }) => `- ${scenario.name}: ${scenario.what}.`),
    "",
  ].join("\n");
}

const HEAD = `# The site under load

Synthetic papers whose words, authors and topics are as common as in abstracts; the production server; clients on loopback, each asking again as soon as it is answered. Server, database and clients share the machine. Pages of papers are kept in memory until the database commits anything; a page that is asked for anew after that is rendered. Processor time is that of the site's process, in which the embedded database is, and a server is not. The database's time is that in which its thread, or a server's connections, were busy.
`;

/** The page of results with one section new: that of the same papers and database, or one more. */
export function withSection(page: string, section: string): string {
  const [title] = section.split("\n");
  const sections = page.split(/^(?=## )/m).slice(1);
  const others = sections.filter((old) => old.split("\n")[0] !== title);
  return [HEAD, ...[...others, section].sort().map((text) => `${text.trim()}\n`)].join("\n");
}
