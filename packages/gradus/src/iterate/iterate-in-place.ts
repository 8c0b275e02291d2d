import { GradusError } from "../check/errors.ts";
import { type Iterate, type Method, type MethodOptions, pacer } from "./iterate.ts";
import { checkMethodOptions, type StateFields } from "./method-options.ts";

/**
 * A method that overwrites its working memory at every step: for methods whose step costs little more than a copy of
 * their vectors (Krylov methods, coordinate descent, Kaczmarz). `iteratesInPlace` runs it.
 */
export interface InPlaceStepper<Work, View extends object, Lazy extends object> {
  /** Fields that a state to resume from must have: the length of an array, or undefined for any value. */
  readonly fields?: StateFields;
  /** Working memory at iteration 0. */
  start(): Work | Promise<Work>;
  /** Moves to the next iterate, overwriting `work`. Returns a promise only when it has to wait. */
  advance(work: Work, iteration: number): void | Promise<void>;
  /** The numbers that every iterate carries. `done: true` ends the method. */
  view(work: Work, iteration: number): View & { readonly done?: boolean };
  /** Values computed when first read, such as `x`; they must not share memory that `advance` overwrites. */
  readonly lazy: { readonly [K in keyof Lazy]: (work: Work) => Lazy[K] };
  /** A copy that shares no memory that `advance` overwrites: the iterate's `state`. */
  copy(work: Work): Work;
}

/** Values computed when first read, which must be before the next iterate is requested. */
class LazyViews {
  #over = false;

  end(): void {
    this.#over = true;
  }

  define(target: object, name: string, compute: () => unknown): void {
    let known = false;
    let value: unknown;
    Object.defineProperty(target, name, {
      enumerable: true,
      get: () => {
        if (known) return value;
        if (this.#over)
          throw new GradusError(
            `${name} must be read before requesting the next iterate: this method reuses its memory`,
          );
        value = compute();
        known = true;
        return value;
      },
    });
  }
}

/**
 * Runs an in-place stepper as an async generator, as `iterates` runs a stepper: yields iteration 0 (or the iterate
 * resumed from), then one iterate per step, until the stepper is done or the caller stops. Yields to the event loop
 * every 24 ms. An iterate's `state` and lazy values are copied when first read, which must be before the next iterate
 * is requested; they do not change afterward.
 *
 * @throws ArgumentError when `resume` is no iterate of the method, or `signal` no AbortSignal
 * @throws GradusError when `state` or a lazy value is first read after the next iterate was requested
 * @throws the signal's reason when `signal` is aborted
 */
export async function* iteratesInPlace<Work, View extends object, Lazy extends object>(
  stepper: InPlaceStepper<Work, View, Lazy>,
  { resume, signal }: MethodOptions<Work> = {},
): Method<Iterate<Work> & View & Lazy> {
  checkMethodOptions({ resume, signal }, stepper.fields);
  const pace = pacer();
  let iteration = resume?.iteration ?? 0;
  const work = resume ? stepper.copy(resume.state) : await stepper.start();
  for (;;) {
    signal?.throwIfAborted();
    const view = stepper.view(work, iteration);
    const lazy = new LazyViews();
    const iterate = { ...view, iteration };
    lazy.define(iterate, "state", () => stepper.copy(work));
    for (const name in stepper.lazy) lazy.define(iterate, name, () => stepper.lazy[name](work));
    yield iterate as Iterate<Work> & View & Lazy;
    if (view.done) return;
    const turn = pace();
    if (turn) await turn;
    signal?.throwIfAborted();
    lazy.end();
    const pending = stepper.advance(work, iteration);
    if (pending) await pending;
    iteration += 1;
  }
}

/** A copy of plain data one level deep: arrays and Float64Arrays are copied; objects inside an array are shared. */
export function copyState<State extends object>(state: State): State {
  const entries = Object.entries(state).map(([name, value]) => [
    name,
    value instanceof Float64Array || Array.isArray(value) ? value.slice() : value,
  ]);
  return Object.fromEntries(entries) as State;
}
