import type { Orm } from "../../database/connect.ts";
import { log } from "../../log.ts";
import { machineTiming, type Timing } from "../timing.ts";
import { readBody, TooLongError } from "./body.ts";
import { endOutage, noteOutage } from "./outage.ts";
import { retryAfter } from "./retry-after.ts";
import { takeTurn } from "./turns.ts";
import { ArxivFormatError } from "./xml.ts";

/** arXiv did not answer, or asked to come back later, as often as it was tried. */
export class ArxivUnavailableError extends Error {
  override readonly name = "ArxivUnavailableError";
}

export interface ClientSettings {
  /** Of the query API and of OAI-PMH. */
  readonly queryUrl: URL;
  readonly oaiUrl: URL;
  readonly userAgent: string;
  readonly timing?: Timing;
  /** Milliseconds that one answer may take. */
  readonly timeout?: number;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** For a waiting reader: one try, which begins within this many milliseconds. */
  readonly patience?: number;
}

/** What asks arXiv. */
export interface ArxivClient {
  readonly timing: Timing;
  query(parameters: Readonly<Record<string, string>>, options?: RequestOptions): Promise<string>;
  oai(parameters: Readonly<Record<string, string>>, options?: RequestOptions): Promise<string>;
}

/** Milliseconds between the end of a request and the next one: arXiv's terms of use. */
const PAUSE = 3000;
const TIMEOUT = 10_000;
const MOST_BYTES = 20 * 1024 * 1024;
const MOST_TRIES = 6;
const FIRST_DELAY = 60_000;
const LONGEST_DELAY = 3_600_000;
const MOST_REDIRECTS = 3;

type Outcome =
  | { readonly kind: "body"; readonly text: string }
  | { readonly kind: "redirect"; readonly to: URL }
  /** May be retried, after this many milliseconds where arXiv says so. */
  | { readonly kind: "later"; readonly reason: string; readonly delay?: number };

/** Where an answer sends us: only to the same host. */
function redirection(from: URL, location: string | null): Outcome {
  if (location === null || !URL.canParse(location, from.href))
    throw new ArxivFormatError("a redirect without an address");
  const to = new URL(location, from);
  if (to.hostname !== from.hostname || !/^https?:$/.test(to.protocol) || to.username || to.password)
    throw new ArxivFormatError(`a redirect to another host: ${to.hostname.slice(0, 100)}`);
  return { kind: "redirect", to };
}

/** Asks arXiv as its terms want it: one request at a time, 3 s apart, over the whole installation. */
export function openArxiv(orm: Orm, settings: ClientSettings): ArxivClient {
  const { queryUrl, oaiUrl, userAgent, timing = machineTiming, timeout = TIMEOUT } = settings;

  async function send(url: URL, signal?: AbortSignal): Promise<Outcome> {
    const limit = AbortSignal.timeout(timeout);
    try {
      const response = await fetch(url, {
        headers: { "User-Agent": userAgent, Accept: "application/atom+xml, application/xml, text/xml" },
        redirect: "manual",
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      const { status, headers } = response;
      if (status === 200) return { kind: "body", text: await readBody(response, MOST_BYTES) };
      await response.body?.cancel();
      if (status >= 300 && status < 400) return redirection(url, headers.get("location"));
      if (status !== 429 && status < 500) throw new ArxivFormatError(`status ${status}`);
      return {
        kind: "later",
        reason: `status ${status}`,
        delay: retryAfter(headers.get("retry-after"), timing.now()),
      };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ArxivFormatError) throw error;
      if (error instanceof TooLongError) throw new ArxivFormatError(error.message);
      // A connection that was refused, cut off or too slow.
      return { kind: "later", reason: limit.aborted ? `no answer within ${timeout} ms` : "no connection" };
    }
  }

  /** Has the log and the status page say why requests wait. */
  async function noteFailure(
    reason: string,
    { pause, last }: { pause: number; last: boolean },
  ): Promise<void> {
    const at = timing.now();
    await noteOutage(orm, { at, reason });
    const next = last ? undefined : new Date(at.getTime() + pause).toISOString();
    log({ level: "error", source: "arxiv", outcome: last ? "failed" : "waiting", message: reason, next });
  }

  async function get(first: URL, { signal, patience }: RequestOptions = {}): Promise<string> {
    const tries = patience === undefined ? MOST_TRIES : 1;
    let url = first;
    let redirects = 0;
    let reason = "";
    for (let tried = 0; tried < tries; ) {
      const turn = await takeTurn(orm, { timing, signal, patience });
      let pause = PAUSE;
      try {
        const outcome = await send(url, signal);
        if (outcome.kind === "body") {
          await endOutage(orm);
          return outcome.text;
        }
        if (outcome.kind === "redirect") {
          redirects += 1;
          if (redirects > MOST_REDIRECTS) throw new ArxivFormatError(`more than ${MOST_REDIRECTS} redirects`);
          url = outcome.to;
          continue;
        }
        tried += 1;
        ({ reason } = outcome);
        pause = Math.max(PAUSE, outcome.delay ?? Math.min(FIRST_DELAY * 2 ** (tried - 1), LONGEST_DELAY));
        // A reader whose look-up fails is told so, and nobody asks again.
        if (patience === undefined) await noteFailure(reason, { pause, last: tried === tries });
      } finally {
        await turn.end(pause);
      }
    }
    throw new ArxivUnavailableError(`arXiv is not available: ${reason}`);
  }

  const at = (base: URL, parameters: Readonly<Record<string, string>>) => {
    const url = new URL(base);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  };
  return {
    timing,
    query: (parameters, options) => get(at(queryUrl, parameters), options),
    oai: (parameters, options) => get(at(oaiUrl, parameters), options),
  };
}
