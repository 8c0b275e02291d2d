import { Agent, get } from "node:http";

/** What many requests took. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds within which half, and 99 of 100, were answered. */
  readonly p50: number;
  readonly p99: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** The header in which the server is told to look for a client's address: each request is another reader's. */
export const ADDRESS_HEADER = "x-bench-address";

let readers = 0;

function fetchOnce(agent: Agent, address: string): Promise<number> {
  readers += 1;
  const headers = {
    "accept-encoding": "gzip",
    [ADDRESS_HEADER]: `10.${(readers >> 16) & 255}.${(readers >> 8) & 255}.${readers & 255}`,
  };
  return new Promise((resolve, reject) => {
    get(address, { agent, headers }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", reject);
    }).once("error", reject);
  });
}

/** The value below which a share of the sorted values lies. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

/** Keeps `clients` connections busy for `seconds`, each asking for the next address as soon as it has an answer. */
export async function load(
  address: () => string,
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  const client = async () => {
    while (performance.now() < end) {
      const from = performance.now();
      const status = await fetchOnce(agent, address());
      times.push(performance.now() - from);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const elapsed = (performance.now() - begun) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    perSecond: times.length / elapsed,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    statuses,
  };
}
