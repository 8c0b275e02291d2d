import type { Iterate } from "gradus/iterate";
import type { ExperimentContext, ExperimentEvent, ExperimentRun, Resumable, Resumed } from "./experiment.ts";

/** A finished part of a run: its return value, and what it showed. */
export interface FinishedStage {
  readonly value: unknown;
  /**
   * Its points, matrices, notes and what it stored to explore, in order: a resumed run shows them again in place of the
   * stage.
   */
  readonly events: readonly ExperimentEvent[];
}

/** How far a method in an unfinished stage has come: the iterate after which a resumed run continues it. */
export interface InterruptedMethod {
  readonly iteration: number;
  readonly state: unknown;
  /** What was collected of its iterates. */
  readonly kept: unknown;
  /** What was shown of its iterates. */
  readonly events: readonly ExperimentEvent[];
}

/** What a run resumes from: finished stages by their keys, and methods by the keys of their stages and their own. */
export interface FinishedParts {
  readonly stages: Readonly<Record<string, FinishedStage>>;
  readonly methods?: Readonly<Record<string, InterruptedMethod>>;
}

const shown: readonly ExperimentEvent["kind"][] = ["points", "matrix", "note", "explorable"];

const SEPARATOR = " / ";

/**
 * The resumable parts of a run, stages and methods, from those of the run that it resumes.
 *
 * @param interval least milliseconds between two checkpoints inside a stage
 */
export function resumableParts(
  resume: FinishedParts | undefined,
  interval: number,
): Pick<ExperimentContext<unknown>, "stage" | "resumable"> & {
  /** Keeps what an event of the run shows for the parts under way. */
  show(event: ExperimentEvent): void;
  /** What a run resumes from now. */
  finished(): FinishedParts;
} {
  const stages: Record<string, FinishedStage> = { ...resume?.stages };
  const methods: Record<string, InterruptedMethod> = { ...resume?.methods };
  // The parts under way, outermost first, and what they have shown.
  const open: { readonly key: string; readonly events: ExperimentEvent[] }[] = [];
  let saved = performance.now();
  const pathOf = (key: string) => [...open.map((part) => part.key), key].join(SEPARATOR);

  async function* part<T>(
    key: string,
    body: (events: readonly ExperimentEvent[]) => ExperimentRun<T>,
  ): ExperimentRun<T> {
    const events: ExperimentEvent[] = [];
    open.push({ key, events });
    try {
      return yield* body(events);
    } finally {
      open.pop();
    }
  }

  async function* stage<T>(key: string, body: () => ExperimentRun<T>): ExperimentRun<T> {
    if (Object.hasOwn(stages, key)) {
      yield* stages[key].events;
      return stages[key].value as T;
    }
    const path = pathOf(key);
    const { value, events } = yield* part(key, async function* (events) {
      return { value: yield* body(), events };
    });
    stages[key] = { value, events };
    for (const name of Object.keys(methods)) if (name.startsWith(path + SEPARATOR)) delete methods[name];
    saved = performance.now();
    yield { kind: "stage", key, value };
    return value;
  }

  async function* resumable<I extends Iterate, K>(
    key: string,
    { method, until, kept: start, each }: Resumable<I, K>,
  ): ExperimentRun<{ readonly iterate: I; readonly kept: K }> {
    const path = pathOf(key);
    const before = Object.hasOwn(methods, path) ? methods[path] : undefined;
    // `each` changes it, and a checkpoint must not change afterward.
    const kept = structuredClone(before ? before.kept : start) as K;
    return yield* part(key, async function* (events) {
      const keep = ({ iteration, state }: I) => {
        methods[path] = { iteration, state, kept: structuredClone(kept), events: [...events] };
      };
      let last: I | undefined;
      if (before) yield* before.events;
      for await (const iterate of method(before as Resumed | undefined)) {
        const wasShown = before !== undefined && last === undefined;
        last = iterate;
        if (!wasShown) yield* each(iterate, kept);
        if (iterate.done || until?.(iterate)) break;
        if (wasShown || performance.now() - saved < interval) continue;
        keep(iterate);
        saved = performance.now();
        yield { kind: "iterate", key: path, iteration: iterate.iteration };
      }
      if (last === undefined) throw new Error(`the method "${path}" has no iterates`);
      keep(last);
      return { iterate: last, kept };
    });
  }

  return {
    stage,
    resumable,
    show(event) {
      if (shown.includes(event.kind)) for (const { events } of open) events.push(event);
    },
    finished: () => ({
      stages: { ...stages },
      ...(Object.keys(methods).length > 0 ? { methods: { ...methods } } : {}),
    }),
  };
}
