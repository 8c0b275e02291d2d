import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/** What the times were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Average number of runnable processes over the minute before the run: above 0 others were computing too. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const [{ model }] = cpus();
  return {
    processor: model.trim(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    load: loadavg()[0],
  };
}
