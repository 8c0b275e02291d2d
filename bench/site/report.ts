import type { Machine } from "../machine.ts";
import type { Load } from "./clients.ts";
import type { Scenario } from "./scenarios.ts";

/** A kind of requests and what they took. */
export interface Measured {
  readonly scenario: Scenario;
  readonly load: Load;
  /** Processor time of the server for a request, which other work on the machine hardly changes. */
  readonly cpuMilliseconds: number;
}

/** Where and how it was measured. */
export interface Occasion {
  readonly machine: Machine;
  readonly date: string;
  readonly papers: number;
  readonly engine: string;
  readonly clients: number;
  readonly seconds: number;
  /** Runnable processes on average over a minute; the measurement itself adds about two. */
  readonly load: { readonly before: number; readonly after: number };
  /** Resident memory of the server at the end, in bytes. */
  readonly memory: number;
}

function failures({ statuses }: Load): number {
  return Object.entries(statuses).reduce(
    (sum, [status, count]) => sum + (Number(status) >= 500 ? count : 0),
    0,
  );
}

function verdict({ scenario: { target }, load }: Measured): string {
  if (!target) return "no target";
  const wanted = `${target.perSecond}/s, p99 ≤ ${target.p99} ms`;
  const met = load.perSecond >= target.perSecond && load.p99 <= target.p99 && failures(load) === 0;
  return `${wanted}: ${met ? "met" : "**not met**"}`;
}

/** The measurements as a page in Markdown. */
export function reportText(results: readonly Measured[], occasion: Occasion): string {
  const { machine, load, papers } = occasion;
  const rows = results.map((measured) => {
    const { perSecond, p50, p99, requests } = measured.load;
    const cpu = measured.cpuMilliseconds.toFixed(1);
    const figures = [
      perSecond.toFixed(0),
      cpu,
      p50.toFixed(1),
      p99.toFixed(1),
      failures(measured.load),
      requests,
    ];
    return `| ${measured.scenario.name} | ${figures.join(" | ")} | ${verdict(measured)} |`;
  });
  return `${[
    "# The site under load",
    "",
    `${papers.toLocaleString("en-US")} synthetic papers on ${occasion.engine}; the production server; ${occasion.clients} clients on loopback, each asking again as soon as it is answered, ${occasion.seconds} s a row after a warm-up. Server, database and clients share the machine.`,
    "",
    `${occasion.date}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}. Load of the machine before ${load.before.toFixed(1)}, after ${load.after.toFixed(1)}. The server's memory at the end: ${(occasion.memory / 2 ** 20).toFixed(0)} MiB.`,
    "",
    "| requests | per second | processor, ms each | p50, ms | p99, ms | 5xx | requests | target |",
    "|---|---:|---:|---:|---:|---:|---:|---|",
    ...rows,
    "",
    ...results.map(({ scenario }) => `- ${scenario.name}: ${scenario.what}.`),
    "",
    "Pages of papers are kept in memory until the database commits anything; a page that is asked for anew after that is rendered. Made by `node bench/site/bench.ts --write`.",
  ].join("\n")}\n`;
}
