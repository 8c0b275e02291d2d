import { ArgumentError } from "../../check/errors.ts";

/** Something that is made when it is first needed. */
export interface OnDemand<P> {
  /** @throws ArgumentError after `dispose` */
  get(): Promise<P>;
  dispose(): void;
}

/** A program of a model that is compiled when it is first needed. */
export function onDemand<P extends Disposable>(make: () => Promise<P>): OnDemand<P> {
  let made: Promise<P> | undefined;
  let disposed = false;
  return {
    get() {
      if (disposed) throw new ArgumentError("the model has been disposed of");
      made ??= make();
      return made;
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      void made?.then((program) => program[Symbol.dispose]());
    },
  };
}
