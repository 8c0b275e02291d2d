import { fileURLToPath } from "node:url";
import { DownloadError, datasetNames, downloadDataset } from "gradus";
import { formatBytes } from "../data/bytes.ts";
import {
  allSets,
  bundledState,
  dataFolder,
  downloadableNames,
  downloadableState,
  isBundled,
  isDownloadable,
  type SetState,
} from "../data/catalogue.ts";
import { PullProgress } from "../data/progress.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { OptionSpecifications, ParsedOptions } from "../options.ts";
import { json } from "../results.ts";
import { didYouMean, either } from "../suggest.ts";
import { writeLines } from "../terminal/output.ts";
import { stack } from "../terminal/report.ts";
import { layoutTable } from "../terminal/table.ts";
import { paragraph, wrap } from "../terminal/text.ts";

export const dataOptions: OptionSpecifications = {
  json: { help: "print the list as JSON, and nothing else, on standard output" },
  help: { short: "h", help: "show this help" },
};

export const dataActions = ["list", "pull"] as const;

const places: Readonly<Record<SetState["place"], string>> = {
  bundled: "yes, bundled",
  "data folder": "yes",
  system: "yes, from the system",
  "in part": "in part",
  missing: "no",
};

function unknownSet(name: string, names: readonly string[]): UsageError {
  const hint = didYouMean(name, names) || ` It is one of ${names.join(", ")}.`;
  return new UsageError(`no data set is called "${name}".${hint}`);
}

function setTable({ out, invocation }: Host, sets: readonly SetState[]): string[] {
  const { columns: width, palette } = out;
  const columns = [
    { header: "name", wraps: false },
    { header: "holds" },
    { header: "size", align: "right" as const, wraps: false },
    { header: "license" },
    { header: "at hand" },
  ];
  const rows = sets.map(({ name, holds, bytes, license, place }) => [
    { text: name },
    { text: holds },
    { text: bytes === undefined ? "–" : formatBytes(bytes) },
    { text: license },
    { text: places[place], style: place === "missing" ? palette.muted : undefined },
  ]);
  const missing = sets.find(({ place }) => place === "missing" || place === "in part");
  return stack([
    layoutTable(columns, rows, { width, header: palette.muted }),
    wrap(`Data folder: ${fileURLToPath(dataFolder())} (GRADUS_DATA_DIR sets another)`, width),
    layoutTable(
      [{ header: "", wraps: false }, { header: "" }],
      [
        [
          { text: `${invocation} data list ${sets[0].name}` },
          { text: "tells more of one", style: palette.muted },
        ],
        ...(missing
          ? [
              [
                { text: `${invocation} data pull ${missing.name}` },
                { text: "downloads one", style: palette.muted },
              ],
            ]
          : []),
      ],
      { width },
    ),
  ]);
}

function setLines({ out, invocation }: Host, set: SetState): string[] {
  const { columns: width, palette } = out;
  const facts = [
    ["holds", set.holds],
    ["source", set.source],
    ["license", set.license],
    ["size", set.bytes === undefined ? "not known before it is pulled" : formatBytes(set.bytes)],
    ["at hand", places[set.place]],
  ].map(([name, text]) => [{ text: name, style: palette.muted }, { text }]);
  const files = set.files.flatMap(({ file, place, path }) => [
    "",
    ...wrap(file.name, width).map(palette.strong),
    ...paragraph(place === "missing" ? "not here yet" : path, width, "  "),
    ...paragraph(
      file.sha256 ? `SHA-256 ${file.sha256}` : "checked by its rows and columns: no checksum is published",
      width,
      "  ",
    ),
    ...file.urls.flatMap((url) => paragraph(url, width, "  from ")),
  ]);
  const usable =
    set.place === "missing" || set.place === "in part"
      ? [`${invocation} data pull ${set.name}`]
      : set.place === "bundled"
        ? wrap(`await loadDataset("${set.name}")`, width)
        : [];
  return [
    ...wrap(set.name, width).map(palette.strong),
    ...layoutTable([{ header: "", wraps: false }, { header: "" }], facts, { width }),
    ...files,
    ...(usable.length > 0 ? ["", ...usable.map(palette.muted)] : []),
  ];
}

async function list(host: Host, names: readonly string[], asJson: boolean): Promise<number> {
  const known = [...datasetNames, ...downloadableNames];
  const wrong = names.find((name) => !isBundled(name) && !isDownloadable(name));
  if (wrong !== undefined) throw unknownSet(wrong, known);
  const sets =
    names.length === 0
      ? await allSets()
      : await Promise.all(
          names.map((name) => {
            if (isBundled(name)) return bundledState(name);
            if (isDownloadable(name)) return downloadableState(name);
            throw unknownSet(name, known);
          }),
        );
  if (asJson) host.out.write(json(sets));
  else if (names.length === 0) writeLines(host.out, setTable(host, sets));
  else writeLines(host.out, stack(sets.map((set) => setLines(host, set))));
  return exitStatus.fine;
}

/** Brings one set; returns the line that tells how it went. */
async function pullOne(host: Host, name: string, progress: PullProgress): Promise<string> {
  if (isBundled(name)) return `${name} comes with gradus: there is nothing to pull`;
  if (!isDownloadable(name)) throw unknownSet(name, downloadableNames);
  progress.begin(`${name}: connecting ...`);
  const fetched = await downloadDataset(name, {
    signal: host.signal,
    onProgress: (event) => progress.update(event),
  });
  const { place, files, bytes } = await downloadableState(name);
  if (fetched.length === 0)
    return `${name} is at hand already: ${place === "system" ? files[0].path : fileURLToPath(dataFolder())}`;
  const checked = files.every(({ file }) => file.sha256) ? "SHA-256 checked" : "rows and columns checked";
  return `${name}: ${files.length} files, ${formatBytes(bytes ?? 0)}, ${checked}, in ${fileURLToPath(dataFolder())}`;
}

async function pull(host: Host, names: readonly string[]): Promise<number> {
  if (names.length === 0)
    throw new UsageError(
      `data pull what? Name data sets, such as: ${host.invocation} data pull ${downloadableNames[0]}`,
    );
  const wrong = names.find((name) => !isBundled(name) && !isDownloadable(name));
  if (wrong !== undefined) throw unknownSet(wrong, downloadableNames);
  const progress = new PullProgress(host.err);
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
          `${name} was interrupted. The same command goes on from what has arrived, where a checksum is known.`,
        ]);
        return error.status;
      }
      if (!(error instanceof DownloadError)) throw error;
      failed = true;
      writeLines(host.err, [
        ...error.message.split("\n").flatMap((line) => wrap(line, host.err.columns)),
        ...wrap(
          `Is there a network? Files brought otherwise are found in ${fileURLToPath(dataFolder())} under the names ` +
            `that "${host.invocation} data list ${name}" tells.`,
          host.err.columns,
        ),
      ]);
    }
  }
  return failed ? exitStatus.failure : exitStatus.fine;
}

/** `gradus data list`, `gradus data pull`: the data sets. Returns the exit status. */
export async function data(host: Host, { positionals, flags }: ParsedOptions): Promise<number> {
  const [action, ...names] = positionals;
  if (action === "list" || action === undefined) return list(host, names, flags.has("json"));
  if (action === "pull") {
    if (flags.has("json")) throw new UsageError("data pull has no option --json; data list has");
    return pull(host, names);
  }
  throw new UsageError(
    `data does not do "${action}".${didYouMean(action, dataActions)} It does ${either(dataActions)}.`,
  );
}
