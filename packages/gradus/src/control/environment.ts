import type { RandomStream } from "../random/stream.ts";

/** A system in discrete time that actions drive. */
export interface Environment {
  readonly stateSize: number;
  readonly actionSize: number;
  /** A random state to start from. */
  initial(stream: RandomStream): Float64Array;
  /** The next state. */
  step(state: Float64Array, action: Float64Array): Float64Array;
  /** True where an episode is over: the next state is an initial one. */
  failed(state: Float64Array): boolean;
}
