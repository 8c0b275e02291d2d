import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Answer, Request } from "./worker.ts";

/** How a peer is started, with one setting of its threads. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The last words of a process that failed. */
const KEPT_STANDARD_ERROR = 2000;

/** A running peer, asked one thing at a time. A peer that cannot start or dies answers `failed` from then on. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #standardError = "";
  #failure: string | undefined;
  #waiting: ((answer: Answer) => void) | undefined;

  constructor({ command, args, environment }: Command) {
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#fail(error.message);
        resolve();
      });
      this.#child.once("close", (code) => {
        this.#fail(this.#standardError.trim().split("\n").at(-1) || `ended with status ${code}`);
        resolve();
      });
    });
    this.#child.stdin!.on("error", () => {});
    this.#child.stderr!.on("data", (text) => {
      this.#standardError = (this.#standardError + text).slice(-KEPT_STANDARD_ERROR);
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      // A library may greet on standard output; answers are objects.
      if (line.startsWith("{")) this.#settle(JSON.parse(line));
    });
  }

  ask(request: Request): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.resolve({ failed: this.#failure });
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  async stop(): Promise<void> {
    this.#child.stdin!.end();
    await this.#exited;
  }

  #settle(answer: Answer): void {
    this.#waiting?.(answer);
    this.#waiting = undefined;
  }

  #fail(reason: string): void {
    this.#failure = reason;
    this.#settle({ failed: reason });
  }
}
