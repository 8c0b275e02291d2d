import type { ControlValues, ExplorationView, RowTable } from "@gradus/papers";
import { crashed, failedLoading } from "./failure.ts";
import type {
  ExplorationAnswer,
  Explored,
  JudgedAgain,
  LabMessage,
  LabRequest,
  RunRequest,
} from "./protocol.ts";

/** The part of `Worker` that is used. */
export interface WorkerLike {
  postMessage(message: LabRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<LabMessage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** How a run ended. */
export type Outcome = Exclude<LabMessage, { kind: "events" | "judged" | "explored" }>;

type Events = Extract<LabMessage, { kind: "events" }>;

/** Milliseconds that a run has to stop by itself before its worker is ended. */
const STOP_PATIENCE = 1500;

/** An exploration that is open in the worker. */
export interface RemoteExploration {
  readonly view: ExplorationView;
  /** The rows to choose from at first, where it explores rows. */
  readonly rows: RowTable | undefined;
  /**
   * Puts the rows of a CSV file in their place.
   *
   * @throws Error saying what is wrong with them; the rows stay then
   */
  bringRows(text: string): Promise<RowTable>;
  /** @throws Error saying what failed */
  show(values: ControlValues): Promise<Explored>;
  close(): void;
}

/** Runs experiments one after another in one worker, which is started at the first run. */
export class LabRunner {
  private worker: WorkerLike | undefined;
  private finish: ((outcome: Outcome) => void) | undefined;
  private hear: ((message: Events) => void) | undefined;
  /** Who waits for findings to be judged. */
  private readonly judging = new Map<number, (judged: JudgedAgain) => void>();
  /** Who waits for an exploration to open, or to show something. */
  private readonly exploring = new Map<number, (answer: ExplorationAnswer) => void>();
  private asked = 0;
  private readonly start: () => WorkerLike;

  constructor(start: () => WorkerLike) {
    this.start = start;
  }

  /** Starts the worker ahead of the first run, and has it load what a run of an experiment needs. */
  warm(paper: string, experiment: string): void {
    this.running().postMessage({ kind: "warm", paper, experiment });
  }

  /** Judges kept findings as their experiment does now. */
  judge(paper: string, experiment: string, findings: unknown): Promise<JudgedAgain> {
    const id = this.asked++;
    return new Promise((resolve) => {
      this.judging.set(id, resolve);
      this.running().postMessage({ kind: "judge", id, paper, experiment, findings });
    });
  }

  /**
   * Opens the exploration of a run on what the run kept.
   *
   * @throws Error saying why it cannot be opened
   */
  async openExploration(paper: string, experiment: string, explorable: unknown): Promise<RemoteExploration> {
    const worker = this.running();
    const exploration = this.asked++;
    const opened = await this.ask(exploration, (id) => ({
      kind: "open-exploration",
      id,
      paper,
      experiment,
      explorable,
    }));
    if (!("view" in opened)) throw new Error("the exploration was not opened");
    const askOpened = (request: (id: number) => LabRequest): Promise<ExplorationAnswer> => {
      if (this.worker !== worker) throw new Error("the run was stopped; run the experiment again");
      return this.ask(this.asked++, request);
    };
    return {
      view: opened.view,
      rows: opened.rows,
      bringRows: async (text) => {
        const answer = await askOpened((id) => ({ kind: "bring-rows", id, exploration, text }));
        if (!("rows" in answer) || !answer.rows) throw new Error("there are no rows");
        return answer.rows;
      },
      show: async (values) => {
        const answer = await askOpened((id) => ({ kind: "explore", id, exploration, values }));
        if (!("shown" in answer)) throw new Error("nothing was shown");
        return answer.shown;
      },
      close: () => {
        if (this.worker === worker) worker.postMessage({ kind: "close-exploration", exploration });
      },
    };
  }

  private async ask(id: number, request: (id: number) => LabRequest): Promise<ExplorationAnswer> {
    const answer = await new Promise<ExplorationAnswer>((resolve) => {
      this.exploring.set(id, resolve);
      this.running().postMessage(request(id));
    });
    if ("failure" in answer) throw new Error(answer.failure.message);
    return answer;
  }

  private running(): WorkerLike {
    if (this.worker) return this.worker;
    const worker = this.start();
    worker.onmessage = ({ data }) => {
      if (data.kind === "events") this.hear?.(data);
      else if (data.kind === "judged") {
        this.judging.get(data.id)?.(data.judged);
        this.judging.delete(data.id);
      } else if (data.kind === "explored") {
        this.exploring.get(data.id)?.(data.answer);
        this.exploring.delete(data.id);
      } else {
        const loading = data.kind === "failed" ? failedLoading(data.failure) : undefined;
        // A worker remembers that a part of its code did not come, and would not ask for it again.
        if (loading) this.discard();
        this.finish?.(loading ? { kind: "failed", failure: loading } : data);
      }
    };
    worker.onerror = (event) => {
      this.discard();
      this.finish?.({ kind: "failed", failure: crashed(event.message) });
    };
    this.worker = worker;
    return worker;
  }

  /** Runs one experiment; resolves to how it ended. Only one runs at a time. */
  run(request: RunRequest, onEvents: (message: Events) => void): Promise<Outcome> {
    if (this.finish) throw new Error("a run is already in progress");
    const worker = this.running();
    return new Promise((resolve) => {
      this.hear = onEvents;
      this.finish = (outcome) => {
        this.finish = undefined;
        this.hear = undefined;
        resolve(outcome);
      };
      worker.postMessage(request);
    });
  }

  /** Stops the run under way: at its next turn, or by ending the worker when it gives none. */
  stop(): void {
    const { finish, worker } = this;
    if (!finish || !worker) return;
    worker.postMessage({ kind: "stop" });
    setTimeout(() => {
      if (this.finish !== finish) return;
      this.discard();
      finish({ kind: "stopped" });
    }, STOP_PATIENCE);
  }

  /** Ends the worker. */
  discard(): void {
    this.worker?.terminate();
    this.worker = undefined;
    for (const give of this.judging.values()) give(undefined);
    this.judging.clear();
    for (const give of this.exploring.values()) give({ failure: crashed("the worker was ended") });
    this.exploring.clear();
  }
}
