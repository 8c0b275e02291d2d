import type { PeerReport } from "./control-messages.ts";
import { type CollaborativePlan, honestPeers, planId } from "./plan.ts";
import type { CollaborativeRecord, CurvePoint, NodeRecord } from "./record.ts";

/** What is known of a training: where each peer stands, and how well the honest ones did after each step. */
export class TrainingStatus {
  readonly plan: CollaborativePlan;
  readonly #nodes: { -readonly [K in keyof NodeRecord]: NodeRecord[K] }[];
  readonly #accuracies = new Map<number, Map<number, number>>();
  /** Of earlier sessions. */
  readonly #curve: readonly CurvePoint[];
  readonly #seconds: number;
  readonly #begun = performance.now();

  constructor(plan: CollaborativePlan, earlier?: CollaborativeRecord) {
    this.plan = plan;
    this.#curve = earlier?.curve ?? [];
    this.#seconds = earlier?.seconds ?? 0;
    this.#nodes = Array.from({ length: plan.peers }, (_, node) => ({
      node,
      byzantine: node >= honestPeers(plan),
      state: "waiting",
      restarts: earlier?.nodes[node]?.restarts ?? 0,
      report: earlier?.nodes[node]?.report ?? null,
    }));
  }

  node(node: number): Readonly<NodeRecord> {
    return this.#nodes[node];
  }

  set(node: number, state: NodeRecord["state"]): void {
    this.#nodes[node].state = state;
  }

  restarted(node: number): void {
    this.#nodes[node].restarts += 1;
  }

  /** Records a peer's message. Returns whether it is new: peers repeat messages on request. */
  enter(node: number, report: PeerReport): boolean {
    const entry = this.#nodes[node];
    // A Byzantine peer's report of itself means nothing.
    if (entry.byzantine) return false;
    const state = report.finished ? "finished" : "training";
    const isNews = entry.state !== state || entry.report?.step !== report.step;
    entry.report = report;
    entry.state = state;
    const told = this.#accuracies.get(report.step) ?? new Map<number, number>();
    told.set(node, report.accuracy);
    this.#accuracies.set(report.step, told);
    return isNews;
  }

  honest(): readonly Readonly<NodeRecord>[] {
    return this.#nodes.filter(({ byzantine }) => !byzantine);
  }

  curve(): CurvePoint[] {
    const points = new Map(this.#curve.map((point) => [point.step, point]));
    for (const [step, told] of this.#accuracies) {
      const values = [...told.values()];
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const point = {
        step,
        mean,
        least: Math.min(...values),
        most: Math.max(...values),
        peers: values.length,
      };
      if (point.peers >= (points.get(step)?.peers ?? 0)) points.set(step, point);
    }
    return [...points.values()].sort((a, b) => a.step - b.step);
  }

  record(finished: boolean): CollaborativeRecord {
    return {
      id: planId(this.plan),
      plan: this.plan,
      finished,
      seconds: this.#seconds + (performance.now() - this.#begun) / 1000,
      curve: this.curve(),
      nodes: this.#nodes.map((entry) => ({ ...entry })),
    };
  }
}
