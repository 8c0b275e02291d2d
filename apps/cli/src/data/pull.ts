import { fileURLToPath } from "node:url";
import { DownloadError, downloadDataset } from "gradus/data";
import { exitStatus, Interrupted } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { plural, wrap } from "../terminal/text.ts";
import {
  dataFolder,
  downloadableNames,
  downloadableState,
  isBundled,
  isDownloadable,
  unknownSet,
} from "./catalogue.ts";
import { DownloadProgressView } from "./download-progress.ts";
import { formatBytes } from "./format-bytes.ts";

/** Downloads one data set and returns a line with the outcome. */
async function pullOne(host: Host, name: string, progress: DownloadProgressView): Promise<string> {
  if (isBundled(name)) return `${name} is bundled with gradus; nothing to download`;
  if (!isDownloadable(name)) throw unknownSet(name, downloadableNames);
  progress.begin(`${name}: connecting ...`);
  const fetched = await downloadDataset(name, {
    signal: host.signal,
    onProgress: (event) => progress.update(event),
  });
  const { place, files, bytes } = await downloadableState(name);
  if (fetched.length === 0)
    return `${name} is already available: ${place === "system" ? files[0].path : fileURLToPath(dataFolder())}`;
  const checked = files.every(({ file }) => file.sha256) ? "SHA-256 checked" : "rows and columns verified";
  return `${name}: ${plural(files.length, "file")}, ${formatBytes(bytes ?? 0)}, ${checked}, in ${fileURLToPath(dataFolder())}`;
}

/** `gradus data pull`: downloads data sets, one after another, and reports each. Returns the exit status. */
export async function pullSets(host: Host, names: readonly string[]): Promise<number> {
  const wrong = names.find((name) => !isBundled(name) && !isDownloadable(name));
  if (wrong !== undefined) throw unknownSet(wrong, downloadableNames);
  const progress = new DownloadProgressView(host.err);
  const width = host.out.columns;
  let failed = false;
  for (const name of new Set(names)) {
    try {
      const line = await pullOne(host, name, progress);
      progress.stop();
      writeLines(host.out, wrap(line, width));
    } catch (error) {
      progress.stop();
      if (error instanceof Interrupted) {
        writeLines(host.err, [
          `${name} was interrupted. Run the same command to continue; downloads with a known checksum are resumed.`,
        ]);
        return error.status;
      }
      if (!(error instanceof DownloadError)) throw error;
      failed = true;
      writeLines(host.err, [
        ...error.message.split("\n").flatMap((line) => wrap(line, host.err.columns)),
        // With a cause it is the folder that is at fault.
        ...(error.cause === undefined
          ? wrap(
              `Check the network connection. You can also download the files yourself into ${fileURLToPath(dataFolder())}, with the names ` +
                `that "${host.invocation} data list ${name}" shows.`,
              host.err.columns,
            )
          : []),
      ]);
    }
  }
  return failed ? exitStatus.failure : exitStatus.success;
}
