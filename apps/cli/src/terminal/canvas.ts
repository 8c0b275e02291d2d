const COLUMNS_A_CELL = 2;
const ROWS_A_CELL = 4;
// Bit of each dot of a braille cell, by row and column (Unicode block 2800).
const BITS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
const NOBODY = -1;

/** A grid of character cells of 2 by 4 dots. A cell shows the series that drew there last. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #bits: Uint8Array;
  readonly #owner: Int32Array;
  readonly #marks: (string | undefined)[];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#bits = new Uint8Array(width * height);
    this.#owner = new Int32Array(width * height).fill(NOBODY);
    this.#marks = new Array(width * height).fill(undefined);
  }

  /** Dots across and down. */
  get dots(): readonly [number, number] {
    return [this.width * COLUMNS_A_CELL, this.height * ROWS_A_CELL];
  }

  #claim(column: number, row: number, owner: number): number {
    const cell = row * this.width + column;
    if (this.#owner[cell] !== owner) {
      this.#owner[cell] = owner;
      this.#bits[cell] = 0;
      this.#marks[cell] = undefined;
    }
    return cell;
  }

  dot(x: number, y: number, owner: number): void {
    const [across, down] = this.dots;
    if (x < 0 || y < 0 || x >= across || y >= down) return;
    const cell = this.#claim(Math.floor(x / COLUMNS_A_CELL), Math.floor(y / ROWS_A_CELL), owner);
    this.#bits[cell] |= BITS[(y % ROWS_A_CELL) * COLUMNS_A_CELL + (x % COLUMNS_A_CELL)];
  }

  /** Puts a whole character into the cell of a dot. */
  mark(x: number, y: number, owner: number, character: string): void {
    const cell = this.#claim(Math.floor(x / COLUMNS_A_CELL), Math.floor(y / ROWS_A_CELL), owner);
    this.#marks[cell] = character;
  }

  /** The rows as text, each run of a series' cells passed through `style`. */
  lines(style: (owner: number, text: string) => string): string[] {
    return Array.from({ length: this.height }, (_, row) => {
      let line = "";
      let run = "";
      let runOwner = NOBODY;
      const flush = () => {
        line += runOwner === NOBODY ? run : style(runOwner, run);
        run = "";
      };
      for (let column = 0; column < this.width; column++) {
        const cell = row * this.width + column;
        if (this.#owner[cell] !== runOwner) {
          flush();
          runOwner = this.#owner[cell];
        }
        const bits = this.#bits[cell];
        run += this.#marks[cell] ?? (bits === 0 ? " " : String.fromCodePoint(0x2800 + bits));
      }
      flush();
      return line.trimEnd();
    });
  }
}
