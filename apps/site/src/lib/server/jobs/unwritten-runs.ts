/** A run, by the try that it was. */
export interface RunOfJob {
  readonly id: string;
  readonly retryCount: number;
}

/** What a queue writes; to write it twice does no harm. */
interface Queue {
  /** Says that a run failed, unless its end was written. */
  fail(name: string, run: RunOfJob): Promise<unknown>;
  request(name: string): Promise<unknown>;
}

/** What the queue could not write, such as on a full disk; without it a job would wait until its run is taken for dead. */
export interface UnwrittenRuns {
  /** A run of a job began; it is the only one. */
  began(name: string): void;
  /** It ended, and the queue is about to write that. */
  ended(name: string, run: RunOfJob): void;
  /** A run was asked for in vain. */
  missed(name: string): void;
  /** The queue had an error: writes ends and requests in a while, and again until the queue takes them. */
  writeSoon(): void;
  /** Writes nothing more. */
  close(): void;
}

/** Milliseconds after an error until what it may have kept from being written is written. */
const PATIENCE = 5000;

/** Keeps what a queue could not write. */
export function unwrittenRuns(queue: Queue): UnwrittenRuns {
  const ends = new Map<string, RunOfJob>();
  const requests = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function write(): Promise<void> {
    for (const [name, run] of ends) await queue.fail(name, run);
    for (const name of requests) {
      await queue.request(name);
      requests.delete(name);
    }
  }

  function writeSoon(): void {
    if (timer || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      write().catch(writeSoon);
    }, PATIENCE);
    timer.unref();
  }

  return {
    began: (name) => void ends.delete(name),
    ended: (name, run) => void ends.set(name, run),
    missed(name) {
      requests.add(name);
      writeSoon();
    },
    writeSoon,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
