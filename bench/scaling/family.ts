import type { Case, Contender } from "../cases.ts";

/** One problem at several sizes, and those who solve it. */
export interface Family {
  readonly id: string;
  /** The paper whose method gradus runs. */
  readonly paper: string;
  readonly title: string;
  /** What the size counts. */
  readonly size: string;
  readonly cases: readonly { readonly size: number; readonly case: Case }[];
}

export type Entrant = Pick<Contender, "peer" | "label"> & {
  /** Of the program's name; none where it is left out. */
  readonly suffix?: string;
};

export interface Outline extends Omit<Family, "cases"> {
  /** Program names are this, the parameter and the entrant's suffix. */
  readonly program: string;
  /** What one time is the time of. */
  readonly unit?: string;
  readonly parameters: readonly number[];
  /** The size at a parameter; the parameter itself where not given. */
  readonly sizeAt?: (parameter: number) => number;
  readonly entrants: readonly Entrant[];
  readonly tolerance: number;
}

export function family({
  program,
  parameters,
  sizeAt = (p) => p,
  unit = "solution",
  entrants,
  tolerance,
  ...about
}: Outline): Family {
  return {
    ...about,
    cases: parameters.map((parameter) => ({
      size: sizeAt(parameter),
      case: {
        id: `${about.id}-${parameter}`,
        title: `${about.title}, ${about.size} ${sizeAt(parameter).toLocaleString("en")}`,
        unit,
        contenders: entrants.map(({ suffix, ...who }) => ({
          ...who,
          program: [program, parameter, suffix].filter((part) => part !== undefined).join("-"),
        })),
        budgets: [],
        tolerance,
      },
    })),
  };
}
