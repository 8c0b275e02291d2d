import { ArgumentError, DataError } from "gradus/check";
import type { z } from "zod";
import type { PlotData, PlotSpecification } from "./experiment.ts";
import { ROW, type RowChoice } from "./row-choice.ts";

/** A number that a reader moves, between bounds. */
export interface Control {
  readonly id: string;
  /** Words, with the unit where there is one. */
  readonly label: string;
  readonly minimum: number;
  readonly maximum: number;
  /** From one position of the control to the next. */
  readonly step: number;
  readonly initial: number;
}

/** Where the controls stand, by id. */
export type ControlValues = Readonly<Record<string, number>>;

/** An exploration that is ready to be moved. It may hold native memory. */
export interface OpenExploration {
  /** What each plot shows at these values: a function of the values, and of the rows where there are some. */
  show(values: ControlValues): Promise<Readonly<Record<string, PlotData>>>;
  /** The rows of which one is chosen, where it explores rows. */
  readonly choice?: RowChoice;
  close(): void;
}

/** What a reader sees of an exploration beside its plots' data: plain data. */
export interface ExplorationView {
  readonly title: string;
  /** One sentence: what moves, and what is computed. */
  readonly description: string;
  readonly controls: readonly Control[];
  readonly plots: readonly PlotSpecification[];
}

/**
 * What a reader does with a finished run: moves controls and sees at once what a trained model makes of it. `measure`
 * keeps what it needs by `keepForExploration`: plain JSON, so that it goes between threads and into files.
 */
export interface Exploration<K = unknown> extends ExplorationView {
  /** Of what is kept. */
  readonly kept: z.ZodType<K>;
  open(kept: K): Promise<OpenExploration>;
}

/** Declares an exploration; the schema's type flows into `open`. */
export function defineExploration<K>(exploration: Exploration<K>): Exploration {
  return {
    ...exploration,
    open: (kept) => exploration.open(kept as K), // `openExploration` has parsed it by the schema
  };
}

/** The controls as they stand at first. */
export function initialValues(controls: readonly Control[]): ControlValues {
  return Object.fromEntries(controls.map(({ id, initial }) => [id, initial]));
}

/**
 * Opens an exploration on what a run kept.
 *
 * @throws DataError when what was kept is not of the exploration's schema; `show` throws ArgumentError naming a control
 *   that is missing, unknown or out of its bounds
 */
export async function openExploration(exploration: Exploration, kept: unknown): Promise<OpenExploration> {
  const parsed = exploration.kept.safeParse(kept);
  if (!parsed.success)
    throw new DataError(
      `what the run kept for “${exploration.title}” cannot be read: ${parsed.error.issues[0].message}`,
    );
  const opened = await exploration.open(parsed.data);
  const { controls } = exploration;
  const { choice } = opened;
  const known = [...controls.map(({ id }) => id), ...(choice ? [ROW] : [])];
  return {
    choice,
    async show(values) {
      for (const id of Object.keys(values))
        if (!known.includes(id))
          throw new ArgumentError(`there is no control "${id}"; the controls are ${known.join(", ")}`);
      if (choice) {
        const count = choice.table().rows.length;
        const row = values[ROW];
        if (!(Number.isInteger(row) && row >= 0 && row < count))
          throw new ArgumentError(`${ROW} must be an integer from 0 to ${count - 1}, got ${row}`);
      }
      for (const { id, minimum, maximum } of controls)
        if (!(values[id] >= minimum && values[id] <= maximum))
          throw new ArgumentError(`${id} must be in [${minimum}, ${maximum}], got ${values[id]}`);
      return opened.show(values);
    },
    close: () => opened.close(),
  };
}
