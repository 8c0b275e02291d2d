import { GradusError } from "../check/errors.ts";
import { type Iterate, type Method, type MethodOptions, pacer } from "./iterate.ts";

/**
 * How a method steps that overwrites its memory: for methods whose step costs little more than copying their vectors
 * would (Krylov methods, coordinate descent, Kaczmarz). The loop around it is `iteratesInPlace`.
 */
export interface InPlaceStepper<Work, View extends object, Lazy extends object> {
  /** Working memory at iteration 0. */
  start(): Work | Promise<Work>;
  /** Moves to the next iterate, overwriting `work`. Returns nothing where it need not wait. */
  advance(work: Work, iteration: number): void | Promise<void>;
  /** What an iterate shows at once: numbers. `done: true` ends the method. */
  view(work: Work, iteration: number): View & { readonly done?: boolean };
  /** What an iterate computes when it is read, such as `x`; must share nothing that `advance` overwrites. */
  readonly lazy: { readonly [K in keyof Lazy]: (work: Work) => Lazy[K] };
  /** A copy that shares nothing that `advance` overwrites: the iterate's `state`. */
  copy(work: Work): Work;
}

/** Values computed at the first reading, which must come before the next iterate is asked for. */
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
 * Runs an in-place stepper as an async generator, as `iterates` does a stepper: iteration 0 (or the iterate resumed
 * from), then one iterate per step, until the stepper is done or the caller stops asking; the event loop gets a turn
 * every 24 ms. An iterate's `state` and lazy values are copied when first read, which must be before the next iterate
 * is asked for; from then on they stay as they were.
 *
 * @throws GradusError when `state` or a lazy value is first read after the next iterate was asked for
 * @throws the signal's reason when `signal` is aborted
 */
export async function* iteratesInPlace<Work, View extends object, Lazy extends object>(
  stepper: InPlaceStepper<Work, View, Lazy>,
  { resume, signal }: MethodOptions<Work> = {},
): Method<Iterate<Work> & View & Lazy> {
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

/** A copy of plain data one level deep: its typed arrays and arrays are copied, what these hold is shared. */
export function copyState<State extends object>(state: State): State {
  const entries = Object.entries(state).map(([name, value]) => [
    name,
    value instanceof Float64Array || Array.isArray(value) ? value.slice() : value,
  ]);
  return Object.fromEntries(entries) as State;
}
