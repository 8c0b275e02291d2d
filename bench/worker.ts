import { createInterface } from "node:readline";

/** One case as a peer runs it. */
export interface Runner {
  /** Back to the starting point. */
  reset(): void | Promise<void>;
  /** One call, with its scalar result on the host and everything else computed when it returns. */
  call(): unknown;
  /** Units of the case (steps, products) that one call does. */
  readonly unitsPerCall: number;
  /** Numbers that tell whether this is the same computation as another peer's. */
  check(): number[] | Promise<number[]>;
  /** Iterations of a call, where there is something to compare; known after `check`. */
  iterations?(): number;
}

/** What a peer says of itself. */
export interface Identity {
  readonly version: string;
  /** Threads and other settings of this process. */
  readonly settings: string;
  /** The linear algebra library and what a matrix product reaches with it, where a peer can tell. */
  readonly blas?: string;
}

/** What a peer process offers; `build` throws where a case cannot run, and its message goes into the table. */
export interface Peer {
  readonly identity: Identity;
  build(program: string): Runner | Promise<Runner>;
}

/** What the driver asks, one JSON object a line. */
export type Request =
  | { readonly ask: "identity" }
  | { readonly ask: "build"; readonly program: string }
  | { readonly ask: "check"; readonly program: string }
  | { readonly ask: "time"; readonly program: string; readonly seconds: number };

export type Answer =
  | Identity
  /** Seconds from nothing to the first result. */
  | { readonly built: number }
  | { readonly check: readonly number[]; readonly iterations?: number }
  /** Mean seconds a unit, over so many units. */
  | { readonly seconds: number; readonly units: number }
  | { readonly failed: string };

const now = () => performance.now() / 1000;

async function timed(runner: Runner, seconds: number): Promise<Answer> {
  await runner.reset();
  await runner.call();
  const start = now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < seconds) {
    const pending = runner.call();
    if (pending instanceof Promise) await pending;
    calls += 1;
    elapsed = now() - start;
  }
  const units = calls * runner.unitsPerCall;
  return { seconds: elapsed / units, units };
}

/** Serves a peer on standard input and output until the input ends. */
export async function serve(peer: Peer): Promise<void> {
  const runners = new Map<string, Runner>();
  const answer = async (request: Request): Promise<Answer> => {
    if (request.ask === "identity") return peer.identity;
    if (request.ask === "build") {
      const start = now();
      const runner = await peer.build(request.program);
      await runner.reset();
      await runner.call();
      runners.set(request.program, runner);
      return { built: now() - start };
    }
    const runner = runners.get(request.program)!;
    if (request.ask === "time") return timed(runner, request.seconds);
    return { check: await runner.check(), iterations: runner.iterations?.() };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    let reply: Answer;
    try {
      reply = await answer(JSON.parse(line));
    } catch (error) {
      reply = { failed: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
