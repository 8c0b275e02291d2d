import type { RandomStream } from "gradus/random";
import { randomQueries } from "../../apps/site/src/lib/server/search/random-queries.ts";
import { query } from "./queries.ts";
import { METHODS, word, zipf } from "./words.ts";

/** Requests of one kind, and what the specification wants of them. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** By the engine where it matters. */
  readonly target?: {
    /** Requests a second at least, and milliseconds at most for 99 of 100. */
    readonly perSecond?: number;
    readonly p99?: number;
    /** Milliseconds at most for every request. */
    readonly most?: number;
  };
  readonly clients: number;
  /** So many requests, however long they take; without, as many as the time allows. */
  readonly requests?: number;
  /** Requests a second, which come whether earlier ones were answered or not; without, each client asks when it has an answer. */
  readonly rate?: number;
  /** More clients than are answered: refusals are wanted. */
  readonly overload?: boolean;
  path(random: RandomStream): string;
}

const CLIENTS = 16;
/** More than run and wait at once. */
const CROWD = 320;

const pick = <T>(random: RandomStream, from: readonly T[]): T => from[zipf(random.uniform(), from.length)];

/** An address of a search that no page in memory answers. */
function searchPath(random: RandomStream): string {
  return `/papers?q=${encodeURIComponent(query(random))}&n=${random.integer(1e9)}`;
}

/** An address of a search that nobody made before. */
function newSearchPath(random: RandomStream): string {
  const words = [
    query(random),
    ...Array.from({ length: 2 }, () => word(random, random.integer(METHODS.length))),
  ];
  return `/papers?q=${encodeURIComponent(words.join(" "))}&n=${random.integer(1e9)}`;
}

/** The kinds of requests that are measured, of a site with these papers. */
export function scenarios(
  ids: readonly string[],
  { server, strange }: { readonly server: boolean; readonly strange: number },
): readonly Scenario[] {
  const addresses = randomQueries(strange);
  /** What the specification wants a second. */
  const searches = server ? 60 : 40;
  return [
    {
      name: "feed",
      what: "the latest day, trending, the last 60 days and 8 weeks, earlier ones ever more rarely",
      target: { perSecond: 250, p99: 120 },
      clients: CLIENTS,
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
      clients: CLIENTS,
      path: (random) => `/papers/${pick(random, ids)}`,
    },
    {
      name: "paper, each as often as any other",
      what: "so that hardly any page is still in memory",
      clients: CLIENTS,
      path: (random) => `/papers/${ids[random.integer(ids.length)]}`,
    },
    {
      name: "search",
      what: "methods and subjects, pieces of titles, words, authors, typing errors, common ones again and again; every address has a number of its own, so that no page comes from memory, but what a search found is kept until the data change, for a minute at most",
      target: { perSecond: searches, p99: server ? 250 : 300 },
      clients: CLIENTS,
      path: searchPath,
    },
    {
      name: `search, ${searches} a second`,
      what: "the same at the rate of the target, at random times whether earlier ones were answered or not; waiting for one of the connections is part of a request's time",
      target: { p99: server ? 250 : 300 },
      clients: CLIENTS,
      rate: searches,
      path: searchPath,
    },
    {
      name: "each search for the first time",
      what: "the same with words that make every search another: none of them repeats an earlier one",
      clients: CLIENTS,
      path: newSearchPath,
    },
    {
      name: "API",
      what: "/api/v1/papers",
      clients: CLIENTS,
      path: () => "/api/v1/papers",
    },
    {
      name: "any bytes",
      what: `searches for ${strange.toLocaleString("en-US")} different strings of random bytes and operators, one after another`,
      target: { most: 500 },
      clients: 1,
      requests: strange,
      path() {
        const next = addresses.next();
        return `/papers?${next.done ? "q=%00" : next.value}`;
      },
    },
    {
      name: "overload",
      what: `searches by ${CROWD} clients at once: those beyond the queue are told to come back`,
      clients: CROWD,
      overload: true,
      path: searchPath,
    },
  ];
}
