import { DataError } from "../../check/errors.ts";

/** A file could not be downloaded. */
export class DownloadError extends DataError {
  override name = "DownloadError";
}

/** The progress of one file. */
export interface DownloadProgress {
  /** The file's name in the data directory. */
  readonly file: string;
  /** Bytes on disk, including those from an earlier attempt. */
  readonly received: number;
  /** Size of the file in bytes; undefined if the server does not report it. */
  readonly total: number | undefined;
}

/** One file to fetch. */
export interface FetchRequest {
  /** Tried in order. */
  readonly urls: readonly string[];
  /** A file: URL; bytes are written to a file with the suffix .part, which is renamed after it has been checked. */
  readonly target: URL;
  readonly sha256?: string;
  /** Checks the content when there is no checksum; throws if it is wrong. */
  readonly verify?: (content: Uint8Array<ArrayBuffer>) => void;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Number of retries of a broken transfer at each address. */
  readonly retries?: number;
  /** Milliseconds before the first retry; doubled for each further one. */
  readonly retryDelay?: number;
  /** Milliseconds without a byte after which a transfer counts as broken. */
  readonly idleTimeout?: number;
}
