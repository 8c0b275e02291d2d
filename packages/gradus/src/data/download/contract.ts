import { DataError } from "../../check/errors.ts";

/** A file could not be brought from where it is published. */
export class DownloadError extends DataError {
  override name = "DownloadError";
}

/** How far one file is. */
export interface DownloadProgress {
  /** The file's name in the data directory. */
  readonly file: string;
  /** Bytes on disk, what an earlier attempt left included. */
  readonly received: number;
  /** Bytes in all; undefined while the server does not say. */
  readonly total: number | undefined;
}

/** One file to fetch. */
export interface FetchRequest {
  /** Tried in order. */
  readonly urls: readonly string[];
  /** A file: URL; the bytes arrive beside it in a file that ends in .part, which is renamed when all is well. */
  readonly target: URL;
  readonly sha256?: string;
  /** A check of the content where there is no checksum; throws what is wrong. */
  readonly verify?: (content: Uint8Array<ArrayBuffer>) => void;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** How often a broken transfer is taken up again at each address. */
  readonly retries?: number;
  /** Milliseconds before the first retry; doubled with each. */
  readonly retryDelay?: number;
  /** Milliseconds without a byte after which a transfer counts as broken. */
  readonly idleTimeout?: number;
}
