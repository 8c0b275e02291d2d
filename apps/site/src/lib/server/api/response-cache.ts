import { type PreparedResponse, prepareResponse, type ResponseContent } from "./conditional-response.ts";

/** Bytes that kept answers may have. */
const CAPACITY = 32 * 2 ** 20;
/** Of an answer beside its address and body: its fields, and places in maps. */
const OVERHEAD = 1024;
const MINUTE = 60_000;
const DAY = 86_400_000;

interface Kept {
  readonly answer: PreparedResponse;
  /** Of which data it is. */
  readonly version: string;
  /** When it may be another although the data are the same, in milliseconds. */
  readonly end: number;
}

/** Answers in memory. */
export interface ResponseCache {
  /**
   * The answer of `key`: from memory where nothing was committed since it was made, else made anew. `make` is told the
   * version of the data, unless the database cannot tell it.
   */
  respond(
    key: string,
    make: (version: string | undefined) => Promise<ResponseContent>,
  ): Promise<PreparedResponse>;
}

export interface ResponseCacheOptions {
  /** The version of the data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  readonly now: () => Date;
  /** Bytes that answers may take; those unused for longest go first. */
  readonly capacity?: number;
}

/** Keeps answers: until the UTC day ends, since lists end today, or until the minute does where an answer is passing. */
export function responseCache({ version, now, capacity = CAPACITY }: ResponseCacheOptions): ResponseCache {
  // In the order of their last use.
  const kept = new Map<string, Kept>();
  const making = new Map<string, Promise<PreparedResponse>>();
  let bytes = 0;

  /** Of an answer with its compressed copies, which together are smaller than its body. */
  const size = (key: string, { body }: PreparedResponse) => 2 * (key.length + body.length) + OVERHEAD;

  function drop(key: string): void {
    const entry = kept.get(key);
    if (entry) bytes -= size(key, entry.answer);
    kept.delete(key);
  }

  function keep(key: string, entry: Kept): void {
    drop(key);
    kept.set(key, entry);
    bytes += size(key, entry.answer);
    for (const oldest of kept.keys()) {
      if (bytes <= capacity) break;
      drop(oldest);
    }
  }

  async function makeOnce(key: string, current: string, make: (version: string) => Promise<ResponseContent>) {
    const begun = now().getTime();
    const answer = await make(current);
    const span = answer.shortLived ? MINUTE : DAY;
    const sealed = prepareResponse(answer);
    keep(key, { answer: sealed, version: current, end: (Math.floor(begun / span) + 1) * span });
    return sealed;
  }

  return {
    async respond(key, make) {
      const current = await version().catch(() => undefined);
      if (current === undefined) return prepareResponse(await make(undefined));
      const entry = kept.get(key);
      if (entry?.version === current && now().getTime() < entry.end) {
        kept.delete(key);
        kept.set(key, entry);
        return entry.answer;
      }
      // The first to ask makes it; those who ask meanwhile, of the same data, wait for it.
      const name = `${current} ${key}`;
      let made = making.get(name);
      if (!made) {
        made = makeOnce(key, current, make).finally(() => making.delete(name));
        making.set(name, made);
      }
      return made;
    },
  };
}
