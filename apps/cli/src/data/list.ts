import { fileURLToPath } from "node:url";
import { datasetNames } from "gradus/data";
import { exitStatus } from "../errors.ts";
import type { Host } from "../host.ts";
import { json } from "../results/json.ts";
import { writeLines } from "../terminal/output.ts";
import { layoutTable } from "../terminal/table.ts";
import { stack, truncate, wrap } from "../terminal/text.ts";
import {
  allSets,
  bundledState,
  dataFolder,
  downloadableNames,
  downloadableState,
  isBundled,
  isDownloadable,
  type SetState,
  unknownSet,
} from "./catalogue.ts";
import { formatBytes } from "./format-bytes.ts";

const places: Readonly<Record<SetState["place"], string>> = {
  bundled: "yes, bundled",
  "data folder": "yes",
  system: "yes, from the system",
  "in part": "partly",
  missing: "no",
};

const WIDEST_LICENSE = 20;

function setTable({ out, invocation }: Host, sets: readonly SetState[]): string[] {
  const { columns: width, palette } = out;
  const columns = [
    { header: "name", wraps: false },
    { header: "rows x columns", wraps: false },
    { header: "size", align: "right" as const, wraps: false },
    { header: "license", wraps: false },
    { header: "available" },
  ];
  const rows = sets.map(({ name, size, bytes, license, place }) => [
    { text: name },
    { text: size },
    { text: bytes === undefined ? "–" : formatBytes(bytes) },
    { text: truncate(license, WIDEST_LICENSE) },
    { text: places[place], style: place === "missing" ? palette.muted : undefined },
  ]);
  const missing = sets.find(({ place }) => place === "missing" || place === "in part");
  return stack([
    layoutTable(columns, rows, { width, header: palette.muted }),
    wrap(`Data folder: ${fileURLToPath(dataFolder())} (change it with GRADUS_DATA_DIR)`, width),
    layoutTable(
      [{ header: "", wraps: false }, { header: "" }],
      [
        [
          { text: `${invocation} data list ${sets[0].name}` },
          { text: "describes one", style: palette.muted },
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
    ["title", set.title],
    ["source", set.source],
    ["license", set.license],
    ["size", set.bytes === undefined ? "unknown until downloaded" : formatBytes(set.bytes)],
    ["available", places[set.place]],
  ].map(([name, text]) => [{ text: name, style: palette.muted }, { text }]);
  // Paths, checksums and addresses are never broken, so that they can be copied.
  const files = set.files.flatMap(({ file, place, path }) => [
    "",
    palette.strong(file.name),
    `  ${place === "missing" ? "not downloaded" : path}`,
    `  ${file.sha256 ? `SHA-256 ${file.sha256}` : "verified by its number of rows and columns; no checksum is published"}`,
    ...file.urls.map((url) => `  from ${url}`),
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

export interface ListOptions {
  readonly json?: boolean;
}

/** `gradus data list`: describes data sets, all of them or those named. Returns the exit status. */
export async function listSets(
  host: Host,
  names: readonly string[],
  { json: asJson = false }: ListOptions,
): Promise<number> {
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
  return exitStatus.success;
}
