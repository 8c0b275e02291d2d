import type { RunCheckpoint } from "@gradus/papers";
import { deleteCheckpoint, saveCheckpoint } from "./checkpoints.ts";

/** Keeps the latest checkpoint of a run while it goes on; one at a time is written, those between are passed over. */
export class CheckpointKeeper {
  private waiting: RunCheckpoint | undefined;
  private writing: Promise<void> | undefined;
  private readonly paper: string;
  private readonly experiment: string;
  private readonly version: string;

  constructor(paper: string, experiment: string, version: string) {
    this.paper = paper;
    this.experiment = experiment;
    this.version = version;
  }

  keep(checkpoint: RunCheckpoint): void {
    this.waiting = checkpoint;
    this.writing ??= this.write();
  }

  /** Resolves when the latest checkpoint is written. */
  async settled(): Promise<void> {
    await this.writing;
  }

  /** Forgets the checkpoints of a run that is over. */
  async discard(): Promise<void> {
    this.waiting = undefined;
    await this.writing;
    await deleteCheckpoint(this.paper, this.experiment).catch(() => {});
  }

  private async write(): Promise<void> {
    for (let next = this.waiting; next; next = this.waiting) {
      this.waiting = undefined;
      // Where nothing is kept a run cannot be gone on from, but it goes on.
      await saveCheckpoint({ ...next, version: this.version }).catch(() => {});
    }
    this.writing = undefined;
  }
}
