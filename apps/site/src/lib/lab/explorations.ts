import { type Experiment, type OpenExploration, openExploration } from "@gradus/papers";
import type { ExplorationAnswer, LabFailure, LabRequest } from "./protocol.ts";
import { rowsFromCsv } from "./rows-from-csv.ts";

type Asked<K extends LabRequest["kind"]> = Extract<LabRequest, { kind: K }>;

/** The explorations that are open in the worker. */
export class Explorations {
  private readonly opened = new Map<number, Promise<OpenExploration>>();
  private readonly load: (paper: string, experiment: string) => Promise<Experiment>;
  private readonly answer: (id: number, answer: ExplorationAnswer) => void;
  private readonly failure: (error: unknown) => LabFailure;

  constructor(
    load: (paper: string, experiment: string) => Promise<Experiment>,
    answer: (id: number, answer: ExplorationAnswer) => void,
    failure: (error: unknown) => LabFailure,
  ) {
    this.load = load;
    this.answer = answer;
    this.failure = failure;
  }

  async open({ id, paper, experiment, explorable }: Asked<"open-exploration">): Promise<void> {
    try {
      const { explore } = await this.load(paper, experiment);
      if (!explore) throw new Error(`${experiment} has nothing to explore`);
      const opening = openExploration(explore, explorable);
      this.opened.set(id, opening);
      const { choice } = await opening;
      const { title, description, controls, plots } = explore;
      this.answer(id, { view: { title, description, controls, plots }, rows: choice?.table() });
    } catch (error) {
      this.opened.delete(id);
      this.answer(id, { failure: this.failure(error) });
    }
  }

  async show({ id, exploration, values }: Asked<"explore">): Promise<void> {
    try {
      const opened = await this.opened.get(exploration);
      if (!opened) throw new Error("the exploration has been closed");
      const begun = performance.now();
      const plots = await opened.show(values);
      this.answer(id, { shown: { plots, milliseconds: performance.now() - begun } });
    } catch (error) {
      this.answer(id, { failure: this.failure(error) });
    }
  }

  async bringRows({ id, exploration, text }: Asked<"bring-rows">): Promise<void> {
    try {
      const choice = (await this.opened.get(exploration))?.choice;
      if (!choice) throw new Error("there are no rows to choose from");
      choice.replace(rowsFromCsv(text, choice.table().columns));
      this.answer(id, { rows: choice.table() });
    } catch (error) {
      this.answer(id, { failure: this.failure(error) });
    }
  }

  async close(exploration: number): Promise<void> {
    const opening = this.opened.get(exploration);
    this.opened.delete(exploration);
    await opening?.then(
      (opened) => opened.close(),
      () => undefined,
    );
  }
}
