import { checkVector, copyVectorOut } from "./matrix.ts";
import { type Frame, withFrame } from "./memory.ts";
import { checkFlag, checkNumber } from "./options.ts";

/** How coordinates are swept over, and how long. */
export interface Sweeps {
  /** The weight of the l1 norm. */
  readonly lambda: number;
  /** Whether x >= 0 is asked. */
  readonly nonnegative: boolean;
  /** At this number of sweeps they end. */
  readonly most: number;
  /** They end when a sweep's squared steps are at most this share of the first one's. */
  readonly share: number;
}

/** A block of columns that is swept over, and the vectors that sweeps read and change. */
interface SweptBlock {
  readonly rows: number;
  readonly block: Int32Array;
  readonly squares: Float64Array;
  readonly how: Sweeps;
  readonly x: Float64Array;
  readonly r: Float64Array;
}

/** The last arguments of compiled sweeps. */
type SweepArguments = [
  size: number,
  squares: number,
  lambda: number,
  nonnegative: number,
  most: number,
  share: number,
  x: number,
  r: number,
];

/** Checks the numbers and vectors of sweeps over a block, copies them in, and x and r out again. */
export function sweepBlock(
  { rows, block, squares, how, x, r }: SweptBlock,
  compiled: (frame: Frame, ...rest: SweepArguments) => number,
): number {
  const { lambda, nonnegative, most, share } = how;
  const size = block.length;
  for (const name of ["lambda", "most", "share"] as const) checkNumber(name, how[name]);
  checkFlag("nonnegative", nonnegative);
  checkVector("squares", squares, size);
  checkVector("x", x, size);
  checkVector("r", r, rows);
  return withFrame("sweeps over columns", (frame) => {
    const [norms, to, residual] = [frame.copy(squares), frame.copy(x), frame.copy(r)];
    const made = compiled(frame, size, norms, lambda, nonnegative ? 1 : 0, most, share, to, residual);
    copyVectorOut(frame, to, x);
    copyVectorOut(frame, residual, r);
    return made;
  });
}
