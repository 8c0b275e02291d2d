import type { RandomStream } from "gradus";
import { zipf } from "./papers.ts";

/** Requests of one kind, and what the specification wants of them. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** Requests a second at least, and milliseconds at most for 99 of 100; by the engine where it matters. */
  readonly target?: { readonly perSecond: number; readonly p99: number };
  path(random: RandomStream): string;
}

const pick = <T>(random: RandomStream, from: readonly T[]): T => from[zipf(random.uniform(), from.length)];

const PHRASES = (
  "gradient descent|sharp minima|adaptive step sizes for deep networks|byzantine|operator learning|large batches|" +
  "low-rank adaptation|heavy-tailed noise|flat minima generalization|score matching|Hessian spectrum|conjugate gradients|" +
  "momentum saddle points|federated averaging decentralized|kernel ridge regression|pruning language models"
).split("|");

/** The kinds of requests that are measured, of a site with these papers. */
export function scenarios(ids: readonly string[], server: boolean): readonly Scenario[] {
  return [
    {
      name: "feed",
      what: "the latest day, trending, the last 60 days and 8 weeks, earlier ones ever more rarely",
      target: { perSecond: 250, p99: 120 },
      path(random) {
        const kind = random.uniform();
        if (kind < 0.5) return "/papers";
        if (kind < 0.65) return "/papers/trending";
        const back = zipf(random.uniform(), 60);
        const day = new Date(Date.UTC(2025, 11, 24) - back * 86_400_000).toISOString().slice(0, 10);
        return `/papers/date/${day}`;
      },
    },
    {
      name: "paper",
      what: "papers of which some are asked for more often than others, by Zipf's law",
      target: { perSecond: 200, p99: 150 },
      path: (random) => `/papers/${pick(random, ids)}`,
    },
    {
      name: "paper, each as often as any other",
      what: "so that hardly any page is still in memory",
      path: (random) => `/papers/${ids[random.integer(ids.length)]}`,
    },
    {
      name: "search",
      what: "16 phrases; every address has a number of its own, so that no page comes from memory",
      target: server ? { perSecond: 60, p99: 250 } : { perSecond: 40, p99: 300 },
      path: (random) => `/papers?q=${encodeURIComponent(pick(random, PHRASES))}&n=${random.integer(1e9)}`,
    },
    {
      name: "API",
      what: "/api/v1/papers",
      path: () => "/api/v1/papers",
    },
  ];
}
