import { Agent, get } from "node:http";
import type { RandomStream } from "gradus/random";

/** What many requests took. */
export interface Load {
  readonly requests: number;
  /** Answers a second, refusals left out. */
  readonly perSecond: number;
  /** Milliseconds within which half, and 99 of 100, and all were answered; refusals left out. */
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers with status 503 that say when to come back. */
  readonly refused: number;
}

/** How a kind of requests is made. */
export interface LoadOptions {
  readonly clients: number;
  readonly seconds: number;
  /** So many requests, however long they take. */
  readonly requests?: number;
}

/** How requests of a kind come that do not wait for each other. */
export interface ArrivalOptions {
  /** Connections. */
  readonly clients: number;
  readonly seconds: number;
  /** Requests a second on average. */
  readonly rate: number;
  /** Where the times between two requests are drawn, which are exponential. */
  readonly random: RandomStream;
}

/** The header in which the server is told to look for a client's address: each request is another reader's. */
export const ADDRESS_HEADER = "x-bench-address";
/** Milliseconds after which a client who was refused comes back. */
const PAUSE = 1000;

let readers = 0;

function fetchOnce(agent: Agent, address: string): Promise<{ status: number; refused: boolean }> {
  readers += 1;
  const headers = {
    "accept-encoding": "gzip",
    [ADDRESS_HEADER]: `10.${(readers >> 16) & 255}.${(readers >> 8) & 255}.${readers & 255}`,
  };
  return new Promise((resolve, reject) => {
    const request = get(address, { agent, headers }, (response) => {
      response.resume();
      const { statusCode: status = 0 } = response;
      const refused = status === 503 && response.headers["retry-after"] !== undefined;
      response.once("end", () => resolve({ status, refused }));
      response.once("error", reject);
    });
    // A server may close a connection that was idle at the moment when it is used again.
    request.once("error", (error) =>
      request.reusedSocket ? resolve(fetchOnce(agent, address)) : reject(error),
    );
  });
}

/** The value below which a share of the sorted values lies. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

/** Keeps `clients` connections busy, each asking for the next address as soon as it has an answer. */
export async function load(
  address: () => string,
  { clients, seconds, requests: wanted }: LoadOptions,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let asked = 0;
  let refusals = 0;
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  const goesOn = () => (wanted === undefined ? performance.now() < end : asked < wanted);
  const client = async () => {
    while (goesOn()) {
      asked += 1;
      const from = performance.now();
      const { status, refused } = await fetchOnce(agent, address());
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (refused) {
        refusals += 1;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      } else times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const elapsed = (performance.now() - begun) / 1000;
  agent.destroy();
  return { ...summary(times, elapsed), requests: asked, statuses, refused: refusals };
}

/** The rate and the quantiles of what answers took, in milliseconds. */
function summary(times: number[], elapsed: number): Pick<Load, "perSecond" | "p50" | "p99" | "most"> {
  times.sort((a, b) => a - b);
  return {
    perSecond: times.length / elapsed,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    most: times[times.length - 1],
  };
}

/**
 * Requests at a given rate, whether earlier ones were answered or not. An answer's time counts from when its request was
 * due, so that waiting for a free connection is part of it.
 */
export async function loadAtRate(
  address: () => string,
  { clients, seconds, rate, random }: ArrivalOptions,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let refusals = 0;
  const ask = async (due: number) => {
    const { status, refused } = await fetchOnce(agent, address());
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (refused) refusals += 1;
    else times.push(performance.now() - due);
  };
  const pause = () => (-1000 / rate) * Math.log(1 - random.uniform());
  const asked: Promise<void>[] = [];
  const begun = performance.now();
  for (let due = begun; due < begun + 1000 * seconds; due += pause()) {
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    asked.push(ask(due));
  }
  await Promise.all(asked);
  const elapsed = (performance.now() - begun) / 1000;
  agent.destroy();
  return { ...summary(times, elapsed), requests: asked.length, statuses, refused: refusals };
}
