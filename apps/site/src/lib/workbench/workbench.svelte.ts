import { keepOffline, loadedByPage } from "#lib/lab/offline.ts";
import { MOST_BYTES } from "./chosen-file.ts";
import { ChosenRows } from "./chosen-rows.svelte.ts";
import { columnNames } from "./column-list.ts";
import { constantOf } from "./constant-text.ts";
import { type Diagram, foldedDiagram, type ModelDiagram, modelDiagram } from "./diagram/diagram.ts";
import { sizeWords } from "./facts.ts";
import { type ImageShape, imageShape } from "./image-rows.ts";
import { likelyLoss } from "./likely-loss.ts";
import { MemoryWatch } from "./memory-watch.svelte.ts";
import { messageOf } from "./page-words.ts";
import { type Picture, pictureOf } from "./picture.ts";
import type { Example, InputSource, OpenedModel, Prediction, RowInput, Tasks } from "./protocol.ts";
import { StoppedError, TaskRunner, type TaskWorker } from "./task-runner.ts";
import { initialFields, settingsOf, type TuneFields } from "./tune-form.ts";
import { Tuning } from "./tuning.svelte.ts";

/** Bytes of the engine from which on a new worker is worth reading the model again. */
const MUCH_MEMORY = 2 ** 28;

function startWorker(): TaskWorker {
  return new Worker(new URL("./workbench.worker.ts", import.meta.url), {
    type: "module",
    name: "gradus workbench",
  });
}

/** A model on the workbench: what the page knows of it, and what it does with it. */
export class Workbench {
  readonly runner = new TaskRunner(startWorker, {
    loaded: (addresses) => keepOffline([...loadedByPage(), ...addresses]),
    memory: (bytes) => {
      this.#used.engine = bytes;
    },
  });
  model = $state.raw<OpenedModel>();
  /** What is being read, in words. */
  opening = $state<string>();
  /** Why the last file could not be opened; the model from before stays. */
  problem = $state<{ readonly name: string; readonly message: string }>();
  /** Ids of the blocks that are unfolded. */
  unfolded = $state.raw<ReadonlySet<string>>(new Set());
  /** The name of the parameter whose distribution is shown. */
  parameter = $state<string>();
  /** Grows when the model changes: what it said before is old. */
  version = $state(0);
  /** Why the sources of the inputs that were chosen last cannot be. */
  inputsProblem = $state<string>();
  /** Where the inputs have their numbers from, where that was chosen. */
  #sources: readonly InputSource[] | undefined;
  /** Ends when what was chosen of the inputs is known. */
  #choosing: Promise<void> = Promise.resolve();
  /** Sizes that were given where the file leaves them open, by name. */
  sizes = $state.raw<Readonly<Record<string, number>>>({});
  /** The axes along which inputs have their rows, by name, where that was chosen. */
  axes = $state.raw<Readonly<Record<string, number>>>({});
  /** The output that is shown, tuned and explained, where it was chosen. */
  #output = $state<string>();
  /** What the model was run on last: it can be explained. */
  given = $state.raw<Tasks["predict"]["given"]>();
  /** Rows that were drawn and labeled. */
  examples = $state.raw<readonly Example[]>([]);
  /** How the form of tuning is filled in. */
  fields = $state<TuneFields>({ ...initialFields });
  readonly tuning = new Tuning(this.runner);
  readonly rows = new ChosenRows(
    this.runner,
    () => this.model,
    () => this.input,
  );
  readonly #used = new MemoryWatch();
  /** Bytes that the workbench uses, as far as that is known: at least the file. */
  readonly memory = $derived(Math.max(this.model?.bytes ?? 0, this.#used.script) + this.#used.engine);
  /** Whether the model differs from its file. */
  changed = $state(false);
  /** The files that were opened: a worker that was ended has to read them again. */
  #files: Tasks["open"]["given"] | undefined;
  /** The model of the file, while one with another last layer is shown. */
  #original: OpenedModel | undefined;
  #reading: AbortController | undefined;

  readonly graph: ModelDiagram | undefined = $derived.by(() => {
    const { model } = this;
    const parameters = model?.inspection?.parameters.map(({ name }) => name);
    return model && modelDiagram(model.graph, parameters && new Set(parameters));
  });
  readonly diagram: Diagram | undefined = $derived(this.graph && foldedDiagram(this.graph, this.unfolded));
  readonly input: RowInput | undefined = $derived.by(() => {
    const input = this.model?.input;
    return input && !("obstacle" in input) ? input : undefined;
  });
  /** Names of the parameters that can be trained. */
  readonly trainable: ReadonlySet<string> = $derived(
    new Set(
      this.model?.inspection?.parameters
        .filter(({ frozen, shape }) => !frozen && shape.length > 0)
        .map(({ name }) => name),
    ),
  );
  /** Whether rows can go in and derivatives out. */
  readonly #open = $derived(this.input !== undefined && this.model?.inspection?.obstacle === null);
  /** Whether the loss can be differentiated by parameters. */
  readonly differentiable = $derived(this.#open && this.trainable.size > 0);
  /** Whether it can be tuned: its parameters, or low-rank changes of weights that are stored as integers. */
  readonly tunable = $derived(this.#open && (this.trainable.size > 0 || (this.model?.quantized ?? 0) > 0));
  /** Outputs of floating-point numbers: one of them is shown, tuned and explained. */
  readonly outputs = $derived(this.model?.graph.outputs.filter(({ floating }) => floating) ?? []);
  readonly output = $derived(this.#output ?? this.outputs[0]?.name);
  /** Inputs of which the file does not tell along which axis they have their rows. */
  readonly unsure = $derived(this.model?.input.unsure ?? []);
  /** Sizes of a row that the file leaves open. */
  readonly openSizes = $derived(this.model?.input.open ?? []);
  /** How a row is an image, if it is one. */
  readonly image: ImageShape | undefined = $derived(this.input && imageShape(this.input));
  readonly picture: Picture | undefined = $derived(this.input && pictureOf(this.input));

  /**
   * Opens a model's file; one that cannot be opened leaves the model from before.
   *
   * @param beside files that were chosen with it, such as those that hold its tensors
   */
  async open(file: File, beside: readonly File[] = []): Promise<void> {
    this.problem = undefined;
    const size = [file, ...beside].reduce((sum, one) => sum + one.size, 0);
    if (size > MOST_BYTES) {
      const [what, have] = beside.length > 0 ? ["these files", "have"] : ["this file", "has"];
      const message = `models of up to ${sizeWords(MOST_BYTES)} are opened here; ${what} ${have} ${sizeWords(size)}`;
      this.problem = { name: file.name, message };
      return;
    }
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.opening = "reading the file";
    // What is under way belongs to the model from before, and the file would wait for it.
    this.tuning.stop();
    await this.runner.stopAll();
    try {
      const model = await this.runner.run(
        "open",
        { file, beside },
        {
          signal: reading.signal,
          onProgress: (stage) => {
            this.opening = stage;
          },
        },
      );
      this.#files = { file, beside };
      void this.#used.start();
      this.#show(model);
    } catch (error) {
      if (!(error instanceof StoppedError)) this.problem = { name: file.name, message: messageOf(error) };
    } finally {
      if (this.#reading === reading) this.opening = undefined;
    }
  }

  /** Stops reading a file. */
  stopOpening(): void {
    this.#reading?.abort();
  }

  /** Opens the model that comes with the page. */
  async openSample(): Promise<void> {
    const { default: address } = await import("./sample/digits-cnn.onnx?url");
    const response = await fetch(address).catch(() => undefined);
    if (!response?.ok) {
      this.problem = { name: "digits-cnn.onnx", message: "the sample could not be loaded; try again" };
      return;
    }
    await this.open(new File([await response.blob()], "digits-cnn.onnx"));
  }

  #show(model: OpenedModel): void {
    this.#original = undefined;
    this.#sources = undefined;
    this.sizes = {};
    this.axes = {};
    this.#output = undefined;
    this.inputsProblem = undefined;
    this.model = model;
    this.unfolded = new Set();
    this.version += 1;
    this.changed = false;
    this.tuning.clear();
    this.given = undefined;
    this.examples = [];
    this.fields = { ...initialFields, loss: likelyLoss(model.graph) };
    // Integers themselves are not trained, and where they are most of a model the rest is scales and biases.
    if (model.quantized > 0) this.fields.train = "low-rank";
    this.rows.forget();
    this.parameter = model.inspection?.parameters.toSorted((a, b) => b.numbers - a.numbers)[0]?.name;
  }

  /** Gives a size that the file leaves open; once all are given, rows can be read. */
  async chooseSize(name: string, size: number): Promise<void> {
    this.sizes = { ...this.sizes, [name]: size };
    if (this.openSizes.every((one) => this.sizes[one.name] !== undefined))
      await this.chooseSources(this.input?.parts.map(({ source }) => source) ?? []);
  }

  /** Says along which axis an input has its rows. */
  async chooseAxis(name: string, axis: number): Promise<void> {
    const before = this.axes;
    this.axes = { ...before, [name]: axis };
    await this.chooseSources(this.input?.parts.map(({ source }) => source) ?? []);
    if (this.inputsProblem) this.axes = before;
  }

  /** Has another output shown, tuned and explained. */
  async chooseOutput(name: string): Promise<void> {
    const { model } = this;
    if (!model) return;
    const { head } = await this.runner.run("output", { name });
    this.#output = name;
    this.model = { ...model, head };
    this.fields.loss = likelyLoss(model.graph, name);
    this.fields.head = "";
    this.version += 1;
  }

  /**
   * Has inputs read columns or be constants. Rows that were read are forgotten, but for those of a CSV file, which are
   * read again.
   */
  async chooseSources(sources: readonly InputSource[]): Promise<void> {
    this.inputsProblem = undefined;
    const { sizes, axes } = this;
    try {
      const { input, inspection = this.model?.inspection } = await this.runner.run("inputs", {
        sources,
        sizes,
        axes,
      });
      if (this.model) this.model = { ...this.model, input, inspection };
      this.#sources = sources;
    } catch (error) {
      if (!(error instanceof StoppedError)) this.inputsProblem = messageOf(error);
      return;
    }
    this.examples = [];
    this.given = undefined;
    this.version += 1;
    await this.rows.readAgain();
  }

  /** Has an input be a constant, as the text of its field says. */
  async chooseConstant(place: number, text: string): Promise<void> {
    const parts = this.input?.parts ?? [];
    const constant = constantOf(text);
    if (constant === undefined)
      this.inputsProblem = `the constant for ${parts[place]?.name} must be a number, such as 16000, or several, as 1,3,32,32, got “${text}”`;
    else await this.chooseSource(place, { constant });
  }

  /** Has one input read columns or be a constant, after what was chosen before. */
  chooseSource(place: number, source: InputSource): Promise<void> {
    const choose = () =>
      this.chooseSources(this.input?.parts.map((part, i) => (i === place ? source : part.source)) ?? []);
    this.#choosing = this.#choosing.then(choose, choose);
    return this.#choosing;
  }

  /** Tunes the model on the rows and the examples, as the form says. */
  async tune(): Promise<void> {
    const { graph, trainable, examples } = this;
    if (!graph) return;
    const settings = settingsOf(this.fields, { nodes: graph.drawn.nodes, trainable }, examples);
    const changed = await this.tuning.run(settings, () => this.shrink());
    if (!changed) return;
    if (this.tuning.result) {
      this.changed = true;
      this.version += 1;
      const { model } = this.tuning.result;
      if (model) {
        this.#original ??= this.model;
        this.model = model;
        this.fields.head = "";
      }
    } else await this.recover();
  }

  /** Takes the model back to its file. */
  async startOver(): Promise<void> {
    await this.runner.run("reset", undefined);
    this.#restore();
    this.changed = false;
    this.tuning.clear();
    this.version += 1;
  }

  /** Shows the model of the file again, where its last layer was replaced. */
  #restore(): void {
    if (this.#original) this.model = { ...this.#original, input: this.model?.input ?? this.#original.input };
    this.#original = undefined;
  }

  /** The model's file as it is now. */
  async file(): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.runner.run("file", undefined);
    return new Uint8Array(await file.arrayBuffer());
  }

  /** Folds all blocks. */
  foldAll(): void {
    this.unfolded = new Set();
  }

  /** What the rows call a feature, else its number. */
  featureName(feature: number): string {
    const { source } = this.rows;
    if (!source || !("columns" in source)) return `x${feature + 1}`;
    const names = this.input ? columnNames(this.input) : [];
    const rest = source.columns.filter((column) => column !== source.label && !names.includes(column));
    const before = names.slice(0, feature).filter((name) => name === undefined).length;
    return names[feature] ?? rest[before] ?? `x${feature + 1}`;
  }

  /** Starts from the file again, in a new worker: the one before was ended. */
  async recover(): Promise<void> {
    await this.#reopen();
    this.#restore();
    this.changed = false;
    this.version += 1;
  }

  /**
   * Takes a new worker where the engine of the one before has taken much memory: WebAssembly gives none back. The model as
   * it is and the rows are read again.
   */
  async shrink(): Promise<void> {
    if (this.#used.engine < MUCH_MEMORY || this.runner.busy) return;
    const tuned = await this.runner.run("file", undefined);
    if (this.runner.busy) return;
    this.runner.discard();
    await this.#reopen(tuned);
  }

  /** Reads model and rows again. @param tuned the model as it is now; as its file has it when left out */
  async #reopen(tuned?: Blob): Promise<void> {
    if (!this.#files) return;
    const inputs = this.#sources && { sources: this.#sources, sizes: this.sizes, axes: this.axes };
    const output = this.#output;
    const rows = this.rows.given();
    try {
      await this.runner.run("open", { ...this.#files, kept: { tuned, inputs, output, rows } });
    } catch (error) {
      if (!rows || error instanceof StoppedError) throw error;
      // The file of the rows may have changed since.
      this.rows.summary = undefined;
      this.rows.problem = messageOf(error);
      await this.runner.run("open", { ...this.#files, kept: { tuned, inputs, output } });
    }
  }

  /** What the model makes of a row. */
  predict(given: Tasks["predict"]["given"]): Promise<Prediction> {
    this.given = given;
    return this.runner.run("predict", given);
  }

  /** Folds or unfolds a block. */
  toggle(id: string): void {
    const open = new Set(this.unfolded);
    if (!open.delete(id)) open.add(id);
    this.unfolded = open;
  }

  /** Ends the worker. */
  close(): void {
    this.#used.stop();
    this.runner.discard();
  }
}
