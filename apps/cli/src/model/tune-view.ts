import { formatFigure, type Table } from "@gradus/papers";
import type { TuneIterate, Tuner } from "gradus/models";
import type { Host } from "../host.ts";
import { tableLines } from "../terminal/report.ts";
import { formatDuration, plural, stack, wrap } from "../terminal/text.ts";
import type { EpochRecord } from "./tune-checkpoint.ts";

/** What `--json` writes of a tuning. */
export interface TuneSummary {
  readonly format: 1;
  readonly source: string;
  readonly out: string;
  readonly loss: string;
  /** Names of the parameters that were trained. */
  readonly trained: readonly string[];
  readonly rows: Tuner["rows"];
  /** Whether the file normalizes each batch by its own moments, as one exported in training mode. */
  readonly trainingMode: boolean;
  /** Names of the classes by number; null where the data have numbers. */
  readonly classes: readonly string[] | null;
  readonly epochs: readonly EpochRecord[];
  /** The epoch whose parameters are in the file. */
  readonly best: EpochRecord;
  readonly stoppedEarly: boolean;
  readonly seed: number;
  readonly seconds: number;
}

/** That other programs run the tuned file as it was exported. */
const inTraining = (source: string, out: string) =>
  `${out} is in training mode, as ${source} is: programs that run it normalize by the batches that they are given, not by the stored moments. Export a model in evaluation mode for a file that computes the same everywhere.`;

/** Epochs shown in a terminal; JSON has all. */
const MOST_EPOCHS = 16;

/** The first, the last and the best epoch, and others evenly between. */
function shownEpochs(epochs: readonly EpochRecord[], best: number): EpochRecord[] {
  const step = Math.ceil(epochs.length / MOST_EPOCHS);
  return epochs.filter(({ epoch }, i) => i % step === 0 || i === epochs.length - 1 || epoch === best);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** What an epoch measured, or how far it is, as the progress says it. */
export function tuneProgress(
  { epoch, loss, validationLoss, accuracy }: EpochRecord,
  partial?: TuneIterate["partial"],
): string {
  const parts = [
    ...(loss === null ? [] : [`loss ${formatFigure(loss)}`]),
    ...(validationLoss === null ? [] : [`validation loss ${formatFigure(validationLoss)}`]),
    ...(accuracy === null ? [] : [`accuracy ${percent(accuracy)}`]),
  ];
  const place = partial ? `epoch ${epoch + 1}, batch ${partial.batches} of ${partial.of}` : `epoch ${epoch}`;
  return `${place}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}`;
}

function epochTable({ epochs, best }: TuneSummary): Table {
  const validated = epochs.some(({ validationLoss }) => validationLoss !== null);
  const classified = epochs.some(({ accuracy }) => accuracy !== null);
  return {
    id: "epochs",
    title: "Epochs",
    columns: [
      { key: "epoch", label: "epoch" },
      { key: "loss", label: "loss" },
      ...(validated ? [{ key: "validationLoss", label: "validation loss" }] : []),
      ...(classified ? [{ key: "accuracy", label: "accuracy" }] : []),
    ],
    rows: shownEpochs(epochs, best.epoch).map(({ epoch, loss, validationLoss, accuracy }) => ({
      epoch,
      loss,
      validationLoss,
      accuracy: accuracy === null ? null : percent(accuracy),
    })),
  };
}

/** Most class names shown. */
const MOST_CLASSES = 20;

/** A tuning as lines of a terminal. */
export function tuneLines(summary: TuneSummary, { columns: width, palette }: Host["out"]): string[] {
  const { source, out, loss, trained, trainingMode, rows, classes, best, stoppedEarly, seed, seconds } =
    summary;
  const held = rows.validation > 0 ? `, ${rows.validation} held out` : "";
  const duration = formatDuration(seconds).replaceAll(" ", "\u00a0");
  const facts = `${loss}, ${plural(trained.length, "parameter tensor")} trained on ${rows.train} rows${held}, seed ${seed}, ${duration}`;
  const named = classes?.slice(0, MOST_CLASSES).map((name, i) => `${i} ${name}`);
  const kept =
    best.validationLoss === null
      ? `${out} has the parameters of the last epoch, ${best.epoch}.`
      : `${out} has the parameters of epoch ${best.epoch}, whose validation loss is the smallest${stoppedEarly ? "; later epochs did not improve it, so tuning stopped early" : ""}.`;
  return stack([
    [...wrap(`${source} tuned`, width).map(palette.strong), ...wrap(facts, width).map(palette.muted)],
    ...(named
      ? [wrap(`Classes: ${named.join(", ")}${(classes?.length ?? 0) > named.length ? ", …" : ""}`, width)]
      : []),
    tableLines(epochTable(summary), width, palette),
    wrap(kept, width),
    ...(trainingMode ? [wrap(inTraining(source, out), width)] : []),
  ]);
}
