import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { noticeOf, withoutNotice } from "../execute/notices.ts";
import { keyFile, rosterFile } from "./roster.ts";

/** How often a peer's process is started again after a crash. */
const MOST_RESTARTS = 5;
/** Milliseconds in which a process ends by itself when told to. */
const PATIENCE = 3000;

export interface PeerProcessesOptions {
  readonly folder: string;
  /** The NATS server, if the peers meet on one. */
  readonly server?: string;
  readonly started: (node: number, child: ChildProcess) => void;
  readonly ended: (node: number) => void;
  /** Told, besides, when a process has ended that was not asked to, and whether it is started again. */
  readonly crashed: (node: number, how: string, again: boolean) => void;
  /** Called once with the notice of the graph engine in the processes. */
  readonly noticed: (notice: string) => void;
}

/** The peers' processes of this machine: one that crashes is started again, and takes up what it kept. */
export class PeerProcesses {
  readonly #options: PeerProcessesOptions;
  readonly #alive = new Map<number, ChildProcess>();
  readonly #restarts = new Map<number, number>();
  #ending = false;
  #noticed = false;

  constructor(options: PeerProcessesOptions) {
    this.#options = options;
  }

  start(node: number): void {
    const { folder, server, started, noticed } = this.#options;
    const program = fileURLToPath(new URL("./peer-process.ts", import.meta.url));
    const child = fork(program, [rosterFile(folder), keyFile(folder, node), folder], {
      serialization: "advanced",
      env: {
        ...process.env,
        // There are as many processes as peers: each is to use one core.
        GRADUS_THREADS: "1",
        ...(server === undefined ? {} : { NATS_URL: server }),
      },
      stdio: ["ignore", 2, 2, "ipc"],
      // Node before 22.13 warns of Ed25519: once, from this process, is enough.
      execArgv: [...withoutNotice(), "--disable-warning=ExperimentalWarning"],
    });
    child.on("message", (message) => {
      const notice = noticeOf(message);
      if (notice === undefined || this.#noticed) return;
      this.#noticed = true;
      noticed(notice);
    });
    this.#alive.set(node, child);
    child.on("exit", (status, signal) => this.#ended(node, child, signal ?? `exit status ${status}`));
    started(node, child);
  }

  #ended(node: number, child: ChildProcess, how: string): void {
    if (this.#alive.get(node) === child) this.#alive.delete(node);
    this.#options.ended(node);
    if (this.#ending) return;
    const restarts = this.#restarts.get(node) ?? 0;
    const again = restarts < MOST_RESTARTS;
    this.#options.crashed(node, how, again);
    if (!again) return;
    this.#restarts.set(node, restarts + 1);
    this.start(node);
  }

  /** Starts of a peer's process beyond the first. */
  restarts(node: number): number {
    return this.#restarts.get(node) ?? 0;
  }

  isAlive(node: number): boolean {
    return this.#alive.has(node);
  }

  /** Starts no further process. */
  expectEnds(): void {
    this.#ending = true;
  }

  /** Waits a moment for the processes to end, and ends those that have not. */
  async end(): Promise<void> {
    this.expectEnds();
    const late = setTimeout(() => {
      for (const child of this.#alive.values()) child.kill("SIGKILL");
    }, PATIENCE);
    await Promise.all([...this.#alive.values()].map((child) => once(child, "exit")));
    clearTimeout(late);
  }
}
