import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { ImportedModel, OnnxFile } from "@gradus/graph";
import { GradusError } from "gradus/check";
import {
  compileTuner,
  hardlyLearned,
  type ModelData,
  pacedTuning,
  rowInputs,
  type TuneIterate,
  type Tuner,
} from "gradus/models";
import { either } from "../command-line/suggest.ts";
import { SourceError } from "../data-files/source-error.ts";
import { tablesOf } from "../data-files/table.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import { isDevice, namesOutput, targetOf } from "../files/write-whole.ts";
import type { Host } from "../host.ts";
import { losses } from "../model/choices.ts";
import { type Examples, readExamples } from "../model/examples.ts";
import { inputOptions } from "../model/input-options.ts";
import { importModelFile, orSourceError } from "../model/model-file.ts";
import { optimizers } from "../model/optimizers.ts";
import { scaleAdvice } from "../model/scale-advice.ts";
import {
  type EpochRecord,
  fingerprintOf,
  readTuneCheckpoint,
  type TuneCheckpoint,
  TuneCheckpointFile,
} from "../model/tune-checkpoint.ts";
import type { TuneOptions } from "../model/tune-options.ts";
import { type TuneSummary, tuneLines, tuneProgress } from "../model/tune-view.ts";
import { prepareFile } from "../results/exports.ts";
import { json } from "../results/json.ts";
import { writeAtomically } from "../results/report-files.ts";
import { resumeLines } from "../session/run-session.ts";
import { writeLines } from "../terminal/output.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { wrap } from "../terminal/text.ts";

/** Class names that a message lists. */
const MOST_NAMES = 10;

/** Says how to give the last layer more outputs where classes are beyond them. */
function withHeadAdvice(error: unknown, { data: { labels }, classes }: Examples): never {
  if (!(error instanceof SourceError) || !/^--target must be class numbers/.test(error.message)) throw error;
  let [needed, first] = [classes?.length ?? 0, Number.POSITIVE_INFINITY];
  for (const label of labels.data) {
    needed = Math.max(needed, Number(label) + 1);
    first = Math.min(first, Number(label));
  }
  const outputs = /\((\d+) classes\)/.exec(error.message)?.[1];
  if (!classes && first === 1 && needed === Number(outputs) + 1)
    throw new SourceError(
      `--target must be class numbers from 0, got 1 to ${outputs}: subtract 1 from each, for the ${outputs} outputs of the model`,
      { cause: error },
    );
  const names = classes?.slice(0, MOST_NAMES).join(", ");
  const what = classes
    ? `--target has ${needed} classes (${names}${needed > MOST_NAMES ? ", …" : ""}), the model has ${outputs} outputs`
    : error.message;
  throw new SourceError(`${what}; --head ${needed} gives the model ${needed} outputs`, { cause: error });
}

const DEFAULT_EPOCHS = 5;
const DEFAULT_VALIDATION = "0.2";

/** The options with which a tuning goes on: those of its checkpoint, and how long and how it is shown. */
async function resumed(options: TuneOptions): Promise<TuneCheckpoint | undefined> {
  const { resume, epochs, json: _, ...others } = options;
  if (resume === undefined) return undefined;
  const given = Object.keys(others);
  if (given.length > 0)
    throw new UsageError(
      `--resume goes on with the options of the checkpoint; leave out ${either(given.map((name) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`))}`,
    );
  const checkpoint = await readTuneCheckpoint(resume);
  return { ...checkpoint, options: { ...checkpoint.options, ...(epochs !== undefined && { epochs }) } };
}

/** Checks where the tuned file goes before hours are spent on it. @throws UsageError */
async function prepareOut(model: string, out: string | undefined): Promise<string> {
  if (out === undefined)
    throw new UsageError("--out is missing: the file that the tuned model is written to");
  if (resolve(await targetOf(out)) === resolve(await targetOf(model)))
    throw new UsageError(`--out must be another file than the model ${model}, which stays as it is`);
  await prepareFile(out, "--out", "tuned.onnx");
  return out;
}

/** Where a checkpoint is left: beside the output, or among temporary files where that is a pipe or a device. */
async function checkpointOf(out: string): Promise<string> {
  return (await isDevice(out))
    ? join(tmpdir(), `gradus-tune-${process.pid}.checkpoint`)
    : `${out}.checkpoint`;
}

/** The rows held out: a share, or the examples of a file. */
async function readValidation(
  options: TuneOptions,
  examples: Examples,
  read: (data: string, classes: Examples["classes"]) => Promise<Examples>,
): Promise<number | ModelData | undefined> {
  const { validation = DEFAULT_VALIDATION } = options;
  const share = validation.trim() === "" ? Number.NaN : Number(validation);
  if (share === 0) return undefined;
  if (share > 0 && share < 1) return share;
  if (!Number.isNaN(share))
    throw new UsageError(`--validation must be a share of the rows in [0, 1) or a file, got ${validation}`);
  const { data } = await read(validation, examples.classes).catch((error: unknown) => {
    if (!(error instanceof SourceError || error instanceof UsageError)) throw error;
    const message = error.message.replace(/^--data(?=: )/, "--validation");
    throw error instanceof UsageError
      ? new UsageError(message, { cause: error })
      : new SourceError(message, { cause: error });
  });
  return data;
}

/** What the options and the files say, ready to be trained. */
async function open(
  host: Host,
  file: string,
  { bytes, external, model }: OnnxFile & { readonly model: ImportedModel },
  options: TuneOptions,
) {
  const { loss, data = [], target, mean, std } = options;
  if (loss === undefined)
    throw new UsageError(`--loss is missing: what makes a prediction good, ${either(losses)}`);
  const arrangement = inputOptions(options);
  const inputs = orSourceError(file, () => rowInputs(model, arrangement));
  const tables = tablesOf(host, options, [...data, options.validation ?? ""]);
  const read = (words: readonly string[], classes?: Examples["classes"]) =>
    readExamples({ data: words, target, loss, inputs, tables, classes, mean, std });
  const examples = await read(data);
  const validation = await readValidation(options, examples, (word, classes) => read([word], classes));
  const {
    optimizer: name = "adam",
    outputName: output,
    freeze,
    lora,
    head,
    batch,
    seed = 1,
    threads,
  } = options;
  const { learningRate, make } = optimizers[name];
  const optimizer = make(options.learningRate ?? learningRate);
  const tuner = await orSourceError(file, () =>
    compileTuner(bytes, {
      ...{ data: examples.data, loss, output, optimizer, freeze, lora, head, validation, seed, external },
      ...{ ...arrangement, signal: host.signal },
      ...(batch !== undefined && { batchSize: batch }),
      ...(threads !== undefined && { threads }),
    }),
  ).catch((error: unknown) => {
    if (head === undefined) withHeadAdvice(error, examples);
    throw error;
  });
  return {
    tuner,
    loss,
    seed,
    examples,
    fingerprint: fingerprintOf(bytes, [
      examples.data,
      ...(typeof validation === "object" ? [validation] : []),
    ]),
  };
}

const recordOf = ({
  epoch,
  loss,
  metrics,
}: Pick<TuneIterate, "epoch" | "loss" | "metrics">): EpochRecord => ({
  epoch,
  loss: loss ?? null,
  validationLoss: metrics?.loss ?? null,
  accuracy: metrics?.accuracy ?? null,
});

interface Training {
  readonly tuner: Tuner;
  readonly checkpoint: TuneCheckpointFile;
  /** Where it goes on. */
  readonly from: TuneCheckpoint | undefined;
  readonly keep: Omit<TuneCheckpoint, "history" | "iterate">;
  readonly title: string;
}

/** Trains to the end, or leaves a checkpoint and tells how to go on from it. */
async function train(host: Host, { tuner, checkpoint, from, keep, title }: Training) {
  const { epochs = DEFAULT_EPOCHS, patience } = keep.options;
  const bar = new ProgressBar(host.err, title);
  const history: EpochRecord[] = [...(from?.history ?? [])];
  let last = from?.iterate;
  try {
    const run = pacedTuning(tuner, {
      epochs,
      ...(patience !== undefined && { patience }),
      ...(from && { resume: from.iterate }),
      signal: host.signal,
    });
    for await (const iterate of run) {
      last = iterate;
      const { epoch, partial } = iterate;
      // The epoch gone on from is the last of its history.
      if (!partial && epoch !== history.at(-1)?.epoch) history.push(recordOf(iterate));
      const done = epoch + (partial ? partial.batches / partial.of : 0);
      bar.tell(done / epochs, tuneProgress(recordOf(iterate), partial));
      checkpoint.save({ ...keep, history: [...history], iterate });
    }
  } catch (error) {
    bar.stop();
    if (!(error instanceof Interrupted) || !last) {
      // A training that diverged would go on from there to diverge again.
      if (!from) await checkpoint.remove();
      throw error;
    }
    await checkpoint.leave({ ...keep, history, iterate: last });
    const { epoch, partial } = last;
    const place = partial
      ? `in epoch ${epoch + 1} of ${epochs}, after ${partial.batches} of its ${partial.of} batches`
      : `after epoch ${epoch} of ${epochs}`;
    writeLines(host.err, [
      ...wrap(`Interrupted ${place}; no model was written.`, host.err.columns),
      `Checkpoint: ${checkpoint.file}`,
      ...resumeLines(host, ["model", "tune"], checkpoint.file),
    ]);
    throw error;
  }
  bar.stop();
  if (!last) throw new Error("tuning ended without an iterate");
  return { history, last };
}

/** Writes the tuned model; where that fails, into the folder for temporary files, so that hours of training are kept. */
async function writeTuned(out: string, file: Uint8Array): Promise<void> {
  try {
    await writeAtomically(out, file);
  } catch (error) {
    if (!(error instanceof GradusError)) throw error;
    const kept = join(tmpdir(), `${process.pid}-${basename(out)}`);
    await writeAtomically(kept, file);
    throw new GradusError(`${error.message}; the tuned model is in ${kept} instead`, { cause: error });
  }
}

/** `gradus model tune`: trains an ONNX model further on a user's own examples. Returns the exit status. */
export async function tuneModel(
  host: Host,
  given: string | undefined,
  options: TuneOptions,
): Promise<number> {
  const from = await resumed(options);
  if (from && given !== undefined && resolve(given) !== resolve(from.model))
    throw new UsageError(
      `${options.resume} is a checkpoint of ${from.model}, not of ${given}; leave the model out`,
    );
  const model = from?.model ?? given;
  if (model === undefined) throw new UsageError("model tune needs a model: gradus model tune model.onnx ...");
  const wanted = from?.options ?? options;
  const out = await prepareOut(model, wanted.out);
  const file = await importModelFile(model);
  const begun = performance.now();
  const { tuner, loss, seed, examples, fingerprint } = await open(host, model, file, wanted);
  using _ = tuner;
  if (from && from.fingerprint !== fingerprint)
    throw new UsageError(`${model} or its examples have changed since the checkpoint ${options.resume}`);
  const checkpoint = new TuneCheckpointFile(await checkpointOf(out));
  const { resume: __, json: ___, ...kept } = wanted;
  const keep = { model, options: kept, fingerprint };
  const { history, last } = await train(host, {
    tuner,
    checkpoint,
    from,
    keep,
    title: `tune ${basename(model)}`,
  });
  await writeTuned(out, tuner.file(last));
  await checkpoint.remove();
  const summary: TuneSummary = {
    format: 1,
    ...{ source: model, out, loss, trained: tuner.trained },
    trainingMode: tuner.model.runningMoments.length > 0,
    ...{ rows: tuner.rows, classes: examples.classes ?? null },
    epochs: history,
    best: recordOf(last.best?.iterate ?? last),
    stoppedEarly: last.stoppedEarly,
    seed,
    seconds: (performance.now() - begun) / 1000,
  };
  // Nothing else goes where the model goes.
  const to = namesOutput(out) ? host.err : host.out;
  if (options.json) to.write(json(summary));
  else writeLines(to, tuneLines(summary, to));
  const { validationLoss, loss: trained } = summary.best;
  const reached = validationLoss ?? trained ?? undefined;
  const hardly = hardlyLearned(examples.data, loss, { reached, constant: tuner.constantLoss });
  if (hardly) writeLines(host.err, wrap(scaleAdvice(hardly), host.err.columns));
  return exitStatus.success;
}
