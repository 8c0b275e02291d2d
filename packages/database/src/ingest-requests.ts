import { readdirSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "./make-folder.ts";

/** Days (UTC, `YYYY-MM-DD`) whose papers a site should bring, both included. */
export interface IngestRequest {
  readonly from: string;
  readonly to: string;
  /** Whose daily lists of these days it should import; without, the papers submitted to arXiv. */
  readonly list?: "hugging-face";
}

const NAME = /^(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)(?:_(hugging-face))?$/;
const folderOf = (folder: string) => join(folder, "ingest");
const fileOf = (folder: string, { from, to, list }: IngestRequest) =>
  join(folderOf(folder), list ? `${from}_${to}_${list}` : `${from}_${to}`);

/** Leaves a request in a site's data folder: a running site finds it at once, a stopped one when it starts. */
export function requestIngestion(folder: string, request: IngestRequest): void {
  makeFolders(folderOf(folder));
  writeFileSync(fileOf(folder, request), "");
}

/** The requests in a site's data folder that are not done, in the order of their days. */
export function ingestRequests(folder: string): IngestRequest[] {
  makeFolders(folderOf(folder));
  return readdirSync(folderOf(folder))
    .sort()
    .flatMap((name) => {
      const [, from, to, list] = NAME.exec(name) ?? [];
      if (!from || !to) return [];
      return [list === "hugging-face" ? { from, to, list } : { from, to }];
    });
}

/** Takes a request away that is done. */
export function removeIngestRequest(folder: string, request: IngestRequest): void {
  rmSync(fileOf(folder, request), { force: true });
}

/** Tells of requests that come from now on, until `close` is called; does not keep the process alive. */
export function watchIngestRequests(folder: string, tell: () => void): { close(): void } {
  makeFolders(folderOf(folder));
  return watch(folderOf(folder), { persistent: false }, tell).on("error", () => {});
}
