import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { flattenTree, isArrayValue } from "@gradus/graph";
import { packCheckpoint, unpackCheckpoint } from "gradus/iterate";
import type { TuneIterate } from "gradus/models";
import { z } from "zod";
import { UsageError } from "../errors.ts";
import { LatestWriter } from "../files/latest-writer.ts";
import { unreadable } from "../files/unreadable.ts";
import { writeAtomically } from "../results/report-files.ts";
import type { TuneOptions } from "./tune-options.ts";

const FORMAT = 1;

/** Where a tuning stands, and what it was asked for. */
export interface TuneCheckpoint {
  readonly model: string;
  readonly options: TuneOptions;
  /** Of the model's file and the examples: another tuning cannot go on from here. */
  readonly fingerprint: string;
  readonly history: readonly EpochRecord[];
  readonly iterate: TuneIterate;
}

/** What an epoch measured; null where nothing was. */
export interface EpochRecord {
  readonly epoch: number;
  /** Mean loss of the batches. */
  readonly loss: number | null;
  readonly validationLoss: number | null;
  readonly accuracy: number | null;
}

/** A digest of a model's file and of arrays. */
export function fingerprintOf(model: Uint8Array, examples: unknown): string {
  const hash = createHash("sha256").update(model);
  const { leaves, paths } = flattenTree(examples, isArrayValue);
  leaves.forEach(({ data, shape }, i) => {
    hash.update(JSON.stringify([paths[i], shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
  return hash.digest("hex");
}

const frame = z.object({
  format: z.literal(FORMAT),
  command: z.literal("model tune"),
  model: z.string(),
  options: z.looseObject({}),
  fingerprint: z.string(),
  history: z.array(z.looseObject({ epoch: z.number() })),
  iterate: z.looseObject({}),
});

/** Reads a checkpoint. @throws UsageError when there is none, or it is not one of a tuning */
export async function readTuneCheckpoint(file: string): Promise<TuneCheckpoint> {
  const packed = await readFile(file).catch((cause: unknown) => {
    throw new UsageError(`--resume: ${unreadable(file, cause)}`, { cause });
  });
  try {
    const { model, options, fingerprint, history, iterate } = frame.parse(unpackCheckpoint(packed));
    return {
      model,
      options: options as unknown as TuneOptions, // as this program wrote them
      fingerprint,
      history: history as unknown as EpochRecord[],
      iterate: iterate as unknown as TuneIterate,
    };
  } catch (cause) {
    throw new UsageError(`${file} is not a checkpoint of gradus model tune`, { cause });
  }
}

/** The file in which a tuning keeps its progress, beside the file that it will write. */
export class TuneCheckpointFile {
  readonly file: string;
  readonly #writer = new LatestWriter<TuneCheckpoint>((checkpoint) => this.#write(checkpoint));

  constructor(file: string) {
    this.file = file;
  }

  async #write(checkpoint: TuneCheckpoint): Promise<void> {
    await writeAtomically(
      this.file,
      packCheckpoint({ format: FORMAT, command: "model tune", ...checkpoint }),
    );
  }

  /** Keeps the checkpoint soon, without being waited for. */
  save(checkpoint: TuneCheckpoint): void {
    this.#writer.save(checkpoint);
  }

  /** Writes the checkpoint for the last time. */
  async leave(checkpoint: TuneCheckpoint): Promise<void> {
    await this.#writer.stop();
    await this.#write(checkpoint);
  }

  /** Removes the file: tuning has come to its end. */
  async remove(): Promise<void> {
    await this.#writer.stop();
    await rm(this.file, { force: true });
  }
}
