import { WriteStream } from "node:tty";
import { type ColorDepth, type Palette, palette } from "./color.ts";

/** Where a command writes: a terminal, a pipe, or memory in a test. */
export interface Output {
  write(text: string): void;
  /** Cells in a line. */
  readonly columns: number;
  /** False where nothing says how wide lines may be, as in a pipe: what must be whole there may be longer. */
  readonly bounded: boolean;
  /** Lines on the screen; lines above it cannot be redrawn. */
  readonly rows: number;
  /** True when the cursor can be moved: progress is drawn in place instead of in new lines. */
  readonly animated: boolean;
  readonly palette: Palette;
}

/** Results go to `out`, so that they can be piped; progress, messages and errors go to `err`. */
export interface Outputs {
  readonly out: Output;
  readonly err: Output;
}

const DEFAULT_COLUMNS = 80;
const MAX_COLUMNS = 120;
const DEFAULT_ROWS = 24;

type Environment = Readonly<Record<string, string | undefined>>;

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/** Colors a stream shows: none for files, pipes and dumb terminals, nor under NO_COLOR; FORCE_COLOR overrules. */
export function colorDepth(stream: { readonly isTTY?: boolean }, environment: Environment): ColorDepth {
  if (!stream.isTTY && environment.FORCE_COLOR === undefined) return 1;
  const depth = WriteStream.prototype.getColorDepth.call(stream, { ...environment });
  return depth === 4 || depth === 8 || depth === 24 ? depth : 1;
}

/** Wraps a stream of the process. Lines are at most 120 cells, for reading; without a terminal, COLUMNS or 80. */
export function streamOutput(
  stream: Pick<WriteStream, "write"> & Partial<WriteStream>,
  environment: Environment,
): Output {
  const given = Number.parseInt(environment.COLUMNS ?? "", 10);
  const depth = colorDepth(stream, environment);
  return {
    write: (text) => void stream.write(text),
    get columns() {
      const columns = (stream.isTTY ? stream.columns : given) || DEFAULT_COLUMNS;
      return Math.min(MAX_COLUMNS, columns);
    },
    bounded: stream.isTTY === true || given > 0,
    get rows() {
      return stream.rows || DEFAULT_ROWS;
    },
    animated: stream.isTTY === true && environment.TERM !== "dumb" && !isSet(environment.CI),
    palette: palette(depth),
  };
}

/** Writes lines, each ended. */
export function writeLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${line.trimEnd()}\n`).join(""));
}
