/**
 * The names of the sets that `downloadDataset` fetches: in a file of their own, so that a page with a bundled set alone has
 * neither their addresses nor their checksums.
 */
const downloadableNames = [
  "mnist",
  "fashion-mnist",
  "a9a",
  "w8a",
  "phishing",
  "splice",
  "sonar_scale",
] as const;

/** The name of a set that `downloadDataset` fetches. */
export type DownloadableName = (typeof downloadableNames)[number];

export function isDownloadable(name: string): name is DownloadableName {
  return downloadableNames.some((one) => one === name);
}
