import type { Host } from "../host.ts";

/** What the definitions of commands need. */
export interface ProgramContext {
  readonly host: Host;
  /** Runs a command and keeps its exit status. */
  readonly run: (command: () => Promise<number>) => Promise<void>;
}
