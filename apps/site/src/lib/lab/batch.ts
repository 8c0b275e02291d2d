import type { ExperimentEvent, Matrix, Point, RunEvent, Table } from "@gradus/papers";

/**
 * Gathers the events of a run between two messages to the page: points of a series become one event, of progress,
 * of each matrix and of each table only the latest counts. What resumes a run stays in the worker.
 */
export class EventBatch {
  private progress: ExperimentEvent | undefined;
  private readonly points = new Map<
    string,
    { plot: string; series: string; points: Point[]; replaces?: true }
  >();
  private readonly matrices = new Map<string, { plot: string; series: string; matrix: Matrix }>();
  private readonly tables = new Map<string, Table>();
  private others: ExperimentEvent[] = [];

  add(event: RunEvent): void {
    switch (event.kind) {
      case "progress":
        this.progress = event;
        break;
      case "points": {
        const key = JSON.stringify([event.plot, event.series]);
        const gathered = event.replaces ? undefined : this.points.get(key);
        if (gathered) for (const point of event.points) gathered.points.push(point);
        else this.points.set(key, { ...event, points: [...event.points] });
        break;
      }
      case "matrix": {
        const { plot, series, matrix } = event;
        this.matrices.set(JSON.stringify([plot, series]), { plot, series, matrix });
        break;
      }
      case "table":
        this.tables.set(event.table.id, event.table);
        break;
      case "note":
        this.others.push(event);
        break;
    }
  }

  /** The gathered events, in an order in which nothing depends on what comes later; the batch is empty after. */
  take(): ExperimentEvent[] {
    const events: ExperimentEvent[] = [
      ...[...this.points.values()].map((gathered) => ({ kind: "points" as const, ...gathered })),
      ...[...this.matrices.values()].map((latest) => ({ kind: "matrix" as const, ...latest })),
      ...[...this.tables.values()].map((table) => ({ kind: "table" as const, table })),
      ...this.others,
      ...(this.progress ? [this.progress] : []),
    ];
    this.points.clear();
    this.matrices.clear();
    this.tables.clear();
    this.others = [];
    this.progress = undefined;
    return events;
  }
}
