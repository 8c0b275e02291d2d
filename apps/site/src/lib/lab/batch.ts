import type { ExperimentEvent, Matrix, Point, RunEvent } from "@gradus/papers";

/**
 * Gathers the events of a run between two messages to the page: points of a series become one event, of progress
 * and of each matrix only the latest counts. What resumes a run stays in the worker.
 */
export class EventBatch {
  private progress: ExperimentEvent | undefined;
  private readonly points = new Map<
    string,
    { plot: string; series: string; points: Point[]; replaces?: true }
  >();
  private readonly matrices = new Map<string, { plot: string; series: string; matrix: Matrix }>();
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
      case "note":
      case "explorable":
        this.others.push(event);
        break;
    }
  }

  /** The gathered events, in an order in which nothing depends on what comes later; the batch is empty after. */
  take(): ExperimentEvent[] {
    const events: ExperimentEvent[] = [
      ...[...this.points.values()].map((gathered) => ({ kind: "points" as const, ...gathered })),
      ...[...this.matrices.values()].map((latest) => ({ kind: "matrix" as const, ...latest })),
      ...this.others,
      ...(this.progress ? [this.progress] : []),
    ];
    this.points.clear();
    this.matrices.clear();
    this.others = [];
    this.progress = undefined;
    return events;
  }
}
