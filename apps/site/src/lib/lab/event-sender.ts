import type { ExperimentEvent, RunEvent } from "@gradus/papers";
import { EventBatch } from "./batch.ts";

/** Milliseconds between two messages to the page. */
const PAUSE = 50;

/**
 * Sends the events of a run to the page in batches, at most one each 50 ms. What begins a series goes at once: the run
 * may compute for seconds before it yields again, and the reader waits for a picture.
 */
export class EventSender {
  private readonly batch = new EventBatch();
  private readonly begun = new Set<string>();
  private readonly post: (events: readonly ExperimentEvent[]) => void;
  private sent = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(post: (events: readonly ExperimentEvent[]) => void) {
    this.post = post;
  }

  add(event: RunEvent): void {
    this.batch.add(event);
    const since = performance.now() - this.sent;
    if (this.begins(event) || since >= PAUSE) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), PAUSE - since);
  }

  /** Sends what was gathered; to be called when a run is over. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.batch.take();
    if (events.length > 0) this.post(events);
    this.sent = performance.now();
  }

  private begins(event: RunEvent): boolean {
    if (event.kind !== "points" && event.kind !== "matrix") return false;
    const key = JSON.stringify([event.plot, event.series]);
    if (this.begun.has(key)) return false;
    this.begun.add(key);
    return true;
  }
}
