import type { RandomStream } from "../random/stream.ts";

/** A discrete-time system driven by actions. */
export interface Environment {
  readonly stateSize: number;
  readonly actionSize: number;
  /** A random state to start from. */
  initial(stream: RandomStream): Float64Array;
  /** The next state. */
  step(state: Float64Array, action: Float64Array): Float64Array;
  /** Whether the episode ends in this state; the next state is then an initial one. */
  failed(state: Float64Array): boolean;
}
