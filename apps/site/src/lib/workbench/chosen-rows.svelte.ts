import { type CsvFormat, detectCsv } from "gradus/data";
import { MOST_BYTES, textOfFile } from "./chosen-file.ts";
import { missingColumns } from "./column-list.ts";
import { sizeWords } from "./facts.ts";
import { folderOf, type ImageFile, imageShape, imagesOf, isImageFile } from "./image-rows.ts";
import { messageOf } from "./page-words.ts";
import type { PixelScale } from "./pixel-scales.ts";
import type { OpenedModel, RowInput, RowsSummary, Tasks } from "./protocol.ts";
import { givenOf, type RowSource } from "./row-source.ts";
import { likelyLabel } from "./rows.ts";
import { StoppedError, type TaskRunner } from "./task-runner.ts";

/** The first line of a CSV file is looked for in this many bytes. */
const HEADER_BYTES = 2 ** 20;

/** A file that was dropped or chosen, and its path in the folder. */
export interface PathFile {
  readonly file: File;
  readonly path: string;
}

/** The rows on which a model is run, tuned and measured. */
export class ChosenRows {
  /** Where they come from. */
  source = $state.raw<RowSource>();
  /** What was read; undefined while there are none. */
  summary = $state.raw<RowsSummary>();
  /** The row that is looked at, from 0. */
  row = $state(0);
  /** Why those that were chosen last do not fit. */
  problem = $state<string>();
  readonly #runner: TaskRunner;
  readonly #model: () => OpenedModel | undefined;
  readonly #input: () => RowInput | undefined;

  constructor(runner: TaskRunner, model: () => OpenedModel | undefined, input: () => RowInput | undefined) {
    this.#runner = runner;
    this.#model = model;
    this.#input = input;
  }

  /** For each input the columns that it reads by name and that the CSV file does not have. */
  readonly missing: readonly (readonly string[])[] = $derived.by(() => {
    const { source } = this;
    const input = this.#input();
    return input && source && "columns" in source ? missingColumns(input, source.columns) : [];
  });

  /** Reads a bundled data set. */
  async useBundled(name: string): Promise<void> {
    this.source = { bundled: name };
    await this.#read({ bundled: name });
  }

  /** Reads an .npy file of rows, with one of their labels. */
  async useArrays(file: File, labels?: File): Promise<void> {
    if (!this.#input() || this.#tooLarge(file) || (labels && this.#tooLarge(labels))) return;
    this.source = { file, labels };
    await this.#read({ file, labels });
  }

  /** Reads an .npz file: the arrays that fit best, or those that were chosen; null for no labels. */
  async useArchive(
    archive: File,
    chosen: { readonly rows?: string; readonly labels?: string | null } = {},
  ): Promise<void> {
    if (!this.#input() || this.#tooLarge(archive)) return;
    this.source = { archive, ...chosen };
    await this.#read(givenOf(this.source));
  }

  /**
   * Reads rows from files that were dropped or chosen: images, a CSV file, an .npy file with one of labels, or an .npz file.
   * Returns whether they are rows.
   *
   * @param any whether a file of another kind is read as a CSV file
   */
  use(files: readonly PathFile[], any = false): boolean {
    const model = this.#model();
    const input = this.#input();
    const [first, second] = files.map(({ file }) => file);
    if (!model || !first || files.some(({ file }) => /\.onnx$/i.test(file.name))) return false;
    if (files.some(({ file }) => isImageFile(file))) {
      if (input && imageShape(input))
        void this.useImages(imagesOf(files), folderOf(files.map(({ path }) => path)));
      else this.problem = `${model.name} takes no images`;
    } else if (/\.npy$/i.test(first.name)) void this.useArrays(first, second);
    else if (/\.npz$/i.test(first.name)) void this.useArchive(first);
    else if (any || /\.(csv|tsv)$/i.test(first.name)) void this.useFile(first);
    else return false;
    return true;
  }

  /** Reads images, in the scale of those before. */
  async useImages(images: readonly ImageFile[], folder: string): Promise<void> {
    if (!this.#input()) return;
    const scale = this.source && "images" in this.source ? this.source.scale : "unit";
    this.source = { images, folder, scale };
    await this.#read(givenOf(this.source));
  }

  /** Reads the images again, in another scale. */
  async scaleImages(scale: PixelScale): Promise<void> {
    if (!this.source || !("images" in this.source)) return;
    this.source = { ...this.source, scale };
    await this.#read(givenOf(this.source));
  }

  /** Reads a CSV file, with the column that is probably the label, or a given one; null for none. */
  async useFile(
    file: File,
    { label, said = {} }: { readonly label?: string | null; readonly said?: Partial<CsvFormat> } = {},
  ): Promise<void> {
    const input = this.#input();
    if (!input || this.#tooLarge(file)) return;
    try {
      const part = file.slice(0, HEADER_BYTES);
      const text = await textOfFile({ name: file.name, part });
      const { columns, format } = detectCsv(text, said);
      const column = label === undefined ? likelyLabel(columns, input.features) : (label ?? undefined);
      const { uncertain } = detectCsv(text);
      this.source = { file, columns, label: column, format, said, uncertain };
      await this.#read(givenOf(this.source));
    } catch (error) {
      this.summary = undefined;
      this.problem = messageOf(error);
    }
  }

  /** Reads a CSV file again, where the inputs read other columns; other rows are forgotten. */
  async readAgain(): Promise<void> {
    const table = this.source && "columns" in this.source ? this.source : undefined;
    this.forget();
    this.source = table;
    if (table) await this.#read(givenOf(table));
  }

  forget(): void {
    this.source = undefined;
    this.summary = undefined;
    this.row = 0;
    this.problem = undefined;
  }

  /** What a new worker reads to have the rows. */
  given(): Tasks["rows"]["given"] | undefined {
    return this.summary && this.source && givenOf(this.source);
  }

  /** Whether a file is too large to be read here: then it says so. */
  #tooLarge(file: File): boolean {
    if (file.size <= MOST_BYTES) return false;
    this.problem = `${file.name} has ${sizeWords(file.size)}; files of up to ${sizeWords(MOST_BYTES)} are read here`;
    return true;
  }

  async #read(given: Tasks["rows"]["given"]): Promise<void> {
    this.problem = undefined;
    this.row = 0;
    try {
      this.summary = await this.#runner.run("rows", given);
    } catch (error) {
      this.summary = undefined;
      // A missing column is reported beside the input that reads it.
      const told = this.missing.some(({ length }) => length > 0);
      if (!told && !(error instanceof StoppedError)) this.problem = messageOf(error);
    }
  }
}
