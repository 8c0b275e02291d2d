import { formatFigure, type PlotData, type PlotSpecification, type Table } from "@gradus/papers";
import { formatDuration, plural } from "../terminal/text.ts";
import { EVALUATE_EVERY, honestPeers } from "./plan.ts";
import type { CollaborativeRecord, NodeRecord } from "./record.ts";

/** What is shown of a training, in a terminal and on a page alike. */
export interface CollaborativeView {
  readonly title: string;
  readonly facts: string;
  readonly sentences: readonly string[];
  readonly plot: PlotSpecification;
  readonly data: PlotData;
  readonly caption: string;
  readonly table: Table;
}

const plot: PlotSpecification = {
  id: "accuracy",
  title: "Accuracy of the honest peers",
  x: { label: "step" },
  y: { label: "test accuracy" },
  mark: "line",
  series: ["mean", "least", "largest"],
};

/** How many messages the honest peers did not use, by reason. */
function countReasons(nodes: readonly NodeRecord[], kind: "rejected" | "ignored"): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { report } of nodes)
    for (const [reason, count] of Object.entries(report?.[kind] ?? {}))
      sums.set(reason, (sums.get(reason) ?? 0) + count);
  return sums;
}

function totalOf(nodes: readonly NodeRecord[], kind: "rejected" | "ignored"): number {
  return [...countReasons(nodes, kind).values()].reduce((sum, count) => sum + count, 0);
}

/** Accuracies of the honest peers when they had finished. */
function finalAccuracies(nodes: readonly NodeRecord[]): number[] {
  return nodes.flatMap(({ byzantine, state, report }) =>
    !byzantine && state === "finished" && report ? [report.accuracy] : [],
  );
}

function nodeTable(nodes: readonly NodeRecord[]): Table {
  return {
    id: "peers",
    title: "Peers",
    columns: [
      { key: "peer", label: "peer" },
      { key: "state", label: "state" },
      { key: "step", label: "step" },
      { key: "accuracy", label: "accuracy" },
      { key: "rejected", label: "rejected" },
      { key: "ignored", label: "ignored" },
      { key: "missed", label: "deadlines missed" },
      { key: "caught", label: "caught up" },
      { key: "restarts", label: "restarts" },
    ],
    rows: nodes.map((entry) => {
      const { node, byzantine, state, restarts, report } = entry;
      return {
        peer: String(node),
        state: byzantine ? "Byzantine" : state,
        step: report?.step ?? null,
        accuracy: report?.accuracy ?? null,
        rejected: report ? totalOf([entry], "rejected") : null,
        ignored: report ? totalOf([entry], "ignored") : null,
        missed: report?.missedDeadlines ?? null,
        caught: report?.caughtUp ?? null,
        restarts,
      };
    }),
  };
}

const formatCount = (value: number) => value.toLocaleString("en-US");

/** A number of messages and their reasons, such as `12 messages were rejected (size 10, header 2)`. */
function unusedPhrase(nodes: readonly NodeRecord[], kind: "rejected" | "ignored"): string {
  const reasons = [...countReasons(nodes, kind)].map(([reason, count]) => `${reason} ${formatCount(count)}`);
  const total = totalOf(nodes, kind);
  if (total === 0) return `No messages ${kind}`;
  return `${formatCount(total)} ${total === 1 ? "message" : "messages"} ${kind} (${reasons.join(", ")})`;
}

function unusedSentence(nodes: readonly NodeRecord[]): string {
  const ignored = totalOf(nodes, "ignored");
  return `${unusedPhrase(nodes, "rejected")}${ignored === 0 ? "" : `; ${unusedPhrase(nodes, "ignored")}`}.`;
}

/** What has been reached, in a line for the progress. */
export function progressLine({ plan, curve, nodes }: CollaborativeRecord): string {
  // The first to come to a step speaks for itself alone.
  const last = curve.findLast(({ peers }) => peers >= honestPeers(plan) - plan.byzantine) ?? curve.at(-1);
  const count = (...states: readonly NodeRecord["state"][]) =>
    nodes.filter(({ state }) => states.includes(state)).length;
  if (count("ready", "waiting") === nodes.length)
    return `${count("ready")} of ${plural(nodes.length, "peer")} ready`;
  const absent = count("waiting", "ready", "missing");
  return [
    ...(last === undefined
      ? ["started"]
      : [
          `step ${last.step}: accuracy ${last.mean.toFixed(3)} (${last.least.toFixed(3)} to ${last.most.toFixed(3)} of ${plural(last.peers, "peer")})`,
          `${formatCount(totalOf(nodes, "rejected"))} rejected`,
        ]),
    ...(absent > 0 ? [`${absent} missing`] : []),
  ].join(", ");
}

/** The progress of the honest peers, from 0 to 1. */
export function progressOf({ nodes, plan }: CollaborativeRecord): number {
  const steps = nodes.flatMap(({ byzantine, report }) => (byzantine ? [] : [report?.step ?? 0]));
  return Math.min(1, Math.max(...steps) / plan.steps);
}

/** What to show of a training. */
export function collaborativeView(record: CollaborativeRecord): CollaborativeView {
  const { plan, nodes, curve, seconds, finished, id } = record;
  const accuracies = finalAccuracies(nodes);
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  const sent = nodes.reduce((sum, { report }) => sum + (report?.bytesSent ?? 0), 0);
  const honest = honestPeers(plan);
  const line = (value: "mean" | "least" | "most") =>
    curve.map((point) => ({ x: point.step, y: point[value] }));
  const byzantine = plan.byzantine === 0 ? "none Byzantine" : `${plan.byzantine} Byzantine (${plan.attack})`;
  return {
    title: `${plan.method} with ${plan.peers} peers, ${byzantine}`,
    facts: `training ${id}, ${plan.transport}, ${plan.steps} steps, batch ${plan.batch}, Dirichlet ${plan.concentration}, seed ${plan.seed}, ${formatDuration(seconds)}`,
    sentences: [
      accuracies.length === 0
        ? `No honest peer has finished${finished ? "" : " yet"}.`
        : `${accuracies.length} of ${honest} honest peers have finished: accuracy ${formatFigure(mean)} on the test rows, ${formatFigure(Math.min(...accuracies))} to ${formatFigure(Math.max(...accuracies))}.`,
      unusedSentence(nodes),
      `Honest peers sent ${(sent / 1e6).toFixed(1)} MB of models.`,
    ],
    plot,
    data: { mean: line("mean"), least: line("least"), largest: line("most") },
    caption: `Every ${EVALUATE_EVERY} steps, each honest peer is evaluated on the same test rows.`,
    table: nodeTable(nodes),
  };
}
