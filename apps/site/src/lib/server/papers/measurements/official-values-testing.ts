import type { Judged, Measurement } from "@gradus/papers";
import { median } from "gradus/statistics";
import type { z } from "zod";

/** The official runs of one paper at quick size, by experiment. */
export interface Official {
  readonly runs: (experiment: string) => readonly Judged[];
  readonly measurement: (experiment: string) => Measurement;
}

/** One value per seed. */
export type Values = (official: Official) => readonly number[];

/** A figure that a headline states. */
export interface Stated {
  /** The words that state it: a number or a range, or words for which `within` says what they stand for. */
  readonly text: string;
  readonly is: (official: Official) => number | readonly number[];
  /** Significant digits of a number that is rounded more than its digits show, such as 1,000. */
  readonly significant?: number;
  readonly within?: readonly [number, number];
}

export const checked =
  (experiment: string, label: string): Values =>
  ({ runs }) =>
    runs(experiment).map(
      ({ checks }) => checks.find((check) => check.label === label)?.measured ?? Number.NaN,
    );

/** The number of seeds at which all checks of claims whose labels contain these words held. */
export const heldAt =
  (experiment: string, words: string) =>
  ({ runs }: Official) =>
    runs(experiment).filter(({ checks }) =>
      checks.every(({ claim, label, held }) => held || claim === null || !label.includes(words)),
    ).length;

/** What a schema reads from the findings, one per seed. */
export const found =
  <T>(experiment: string, schema: z.ZodType<T>, of: (findings: T) => number): Values =>
  ({ runs }) =>
    runs(experiment).map(({ findings }) => of(schema.parse(findings)));

type Cells = Readonly<Record<string, number | string | null>>;

/** Numbers of the rows of a table with these cells, one per seed. */
export const tabulated =
  (experiment: string, table: string, where: Cells, of: (row: Cells) => number): Values =>
  ({ runs }) =>
    runs(experiment).map(({ tables }) => {
      const rows = tables.find(({ id }) => id === table)?.rows ?? [];
      const own = rows.filter((row) => Object.entries(where).every(([key, cell]) => row[key] === cell));
      return own.reduce((sum, row) => sum + of(row), 0) / own.length;
    });

export const column = (key: string) => (row: Cells) => Number(row[key]);

export const spread = (all: readonly number[]): readonly [number, number] => [
  Math.min(...all),
  Math.max(...all),
];
export const inMedian =
  (values: Values, of = (value: number) => value) =>
  (official: Official) =>
    of(median(values(official)));
export const smallest = (values: Values) => (official: Official) => Math.min(...values(official));
export const largest = (values: Values) => (official: Official) => Math.max(...values(official));
export const range =
  (values: Values, of = (value: number) => value) =>
  (official: Official): readonly [number, number] => {
    return spread(values(official).map(of));
  };
export const seeds =
  (experiment: string) =>
  ({ measurement }: Official) =>
    measurement(experiment).seeds.length;
export const parameter =
  (experiment: string, name: string) =>
  ({ measurement }: Official) =>
    Number(measurement(experiment).parameters[name]);

/** The number of seeds at which a check whose label contains these words did not hold. */
export const failedAt = (experiment: string, words: string) => (official: Official) =>
  official
    .runs(experiment)
    .filter(({ checks }) => checks.some(({ label, held }) => label.includes(words) && !held)).length;

/** What the texts of a paper state of its official findings. */
export interface Sources {
  readonly figures: readonly Stated[];
  /** Words with digits that state no finding. */
  readonly settings?: readonly string[];
  /** Figures of the remarks that are official findings. */
  readonly remarks?: readonly Stated[];
}
