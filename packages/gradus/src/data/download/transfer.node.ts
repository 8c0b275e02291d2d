import { open, rm } from "node:fs/promises";
import { basename } from "node:path";
import { DownloadError, type FetchRequest } from "./contract.ts";

/** A transfer that failed in a way that a retry may fix. */
export class BrokenTransfer extends Error {
  /** The server's identifier of this version of the file: a strong ETag, or the time of the last change. */
  readonly validator: string | undefined;
  constructor(message: string, validator?: string) {
    super(message);
    this.validator = validator;
  }
}

export interface TransferOptions extends Pick<FetchRequest, "onProgress" | "signal" | "idleTimeout"> {
  /** Bytes of the file that were received earlier. */
  readonly from: number;
  /** The version of the file that these bytes are from. */
  readonly validator: string | undefined;
}

export interface Transfer {
  /** Whether bytes of an earlier attempt were kept. */
  readonly resumed: boolean;
}

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : (headers.get("last-modified") ?? undefined);
}

function contentRange(headers: Headers): { first: number; total: number } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers.get("content-range") ?? "");
  return match ? { first: Number(match[1] ?? Number.NaN), total: Number(match[2]) } : undefined;
}

/** Aborts when the time between two calls of `alive` gets too long. */
function watchdog(milliseconds: number) {
  const controller = new AbortController();
  const bark = () => controller.abort(new Error(`no data received for ${milliseconds / 1000} s`));
  let timer = setTimeout(bark, milliseconds);
  return {
    signal: controller.signal,
    alive() {
      clearTimeout(timer);
      timer = setTimeout(bark, milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * Makes one request for the file, or for the rest of it, and writes it to `part`.
 *
 * @throws BrokenTransfer when another attempt may help
 * @throws DownloadError when the server refuses
 * @throws the signal's reason when it is aborted
 */
export async function transfer(url: string, part: string, options: TransferOptions): Promise<Transfer> {
  const { from, validator, signal, idleTimeout = 30_000 } = options;
  const watch = watchdog(idleTimeout);
  try {
    const response = await fetch(url, {
      headers: {
        "accept-encoding": "identity",
        ...(from > 0 && { range: `bytes=${from}-` }),
        ...(from > 0 && validator !== undefined && { "if-range": validator }),
      },
      signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal,
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new BrokenTransfer(messageOf(watch.signal.aborted ? watch.signal.reason : error));
    });
    return await receive(response, part, options, watch);
  } finally {
    watch.stop();
  }
}

async function receive(
  response: Response,
  part: string,
  { from, signal, onProgress }: TransferOptions,
  watch: ReturnType<typeof watchdog>,
): Promise<Transfer> {
  const { status, headers, body } = response;
  const range = contentRange(headers);
  if (status === 416 && range?.total === from) {
    await body?.cancel();
    return { resumed: true };
  }
  if (status === 416 || (status === 206 && range?.first !== from)) {
    await body?.cancel();
    await rm(part, { force: true });
    throw new BrokenTransfer(`the server does not continue at byte ${from}`);
  }
  if (!response.ok || body === null) {
    await body?.cancel();
    const answer = `answered with ${status} ${response.statusText}`.trimEnd();
    throw PASSING.has(status) ? new BrokenTransfer(answer) : new DownloadError(answer);
  }
  const resumed = status === 206;
  const length = headers.has("content-encoding") ? null : headers.get("content-length");
  const total = range?.total ?? (length === null ? undefined : Number(length));
  const validator = validatorOf(headers);
  const file = basename(part, ".part");
  const output = await open(part, resumed ? "a" : "w");
  const reader = body.getReader();
  let received = resumed ? from : 0;
  try {
    onProgress?.({ file, received, total });
    for (;;) {
      const next = await reader.read().catch((error: unknown) => {
        signal?.throwIfAborted();
        const reason = messageOf(watch.signal.aborted ? watch.signal.reason : error);
        throw new BrokenTransfer(
          `broke off after ${received} of ${total ?? "?"} bytes: ${reason}`,
          validator,
        );
      });
      if (next.done) break;
      watch.alive();
      await output.writeFile(next.value);
      received += next.value.length;
      onProgress?.({ file, received, total });
    }
  } finally {
    await output.close();
    await reader.cancel().catch(() => undefined); // fails on a stream that is already broken
  }
  if (total !== undefined && received !== total)
    throw new BrokenTransfer(`ended after ${received} of ${total} bytes`, validator);
  return { resumed };
}
