import type { Iterate, Method } from "./iterate.ts";

/** The same method, which gives back what it holds beside its state when it ends or fails, or its caller stops. */
export async function* releasing<I extends Iterate>(method: Method<I>, release: () => void): Method<I> {
  try {
    return yield* method;
  } finally {
    release();
  }
}
