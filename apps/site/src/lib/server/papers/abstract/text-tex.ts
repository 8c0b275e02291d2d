import { segmentsText } from "./plain-text.ts";
import type { AbstractKind, Segment } from "./segments.ts";
import {
  isFormula,
  isInvisible,
  isReference,
  isSurrounding,
  mathArguments,
  plainAddress,
  wordOf,
} from "./text-commands.ts";
import { accents, letters } from "./text-letters.ts";
import { inStyle, isDeclaration, isScript, isStyle, scriptOf } from "./text-styles.ts";

const URL_PATTERN = /https?:\/\/[^\s<>"'{}|\\^`]*[^\s<>"'{}|\\^`.,;:!?)\]]/y;

/** Groups and declarations within each other; what is nested deeper is text, as the stack has an end. */
const DEEPEST = 100;

/** The place of the `}` that belongs to each `{` that has one. */
function closings(text: string): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === "{") open.push(i);
    else if (text[i] === "}") {
      const begin = open.pop();
      if (begin !== undefined) found.set(begin, i);
    }
  }
  return found;
}

/** Joins running text into segments. */
class SegmentWriter {
  readonly #done: Segment[] = [];
  #text = "";

  write(pieces: readonly (Segment | string)[]): void {
    for (const piece of pieces)
      if (typeof piece === "string") this.#text += piece;
      else this.segments().push(piece);
  }

  /** Whether a space would be one too many: after another, or at the beginning. */
  isSpaced(): boolean {
    return this.#text.endsWith(" ") || (this.#text === "" && this.#done.length === 0);
  }

  /** What was written. */
  segments(): Segment[] {
    if (this.#text) this.#done.push({ kind: "text", text: this.#text });
    this.#text = "";
    return this.#done;
  }
}

/** Reads the text TeX of abstracts; see `parseTextTeX`. */
class Reader {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly kind: AbstractKind;
  private readonly closing: ReadonlyMap<number, number>;
  /** Quotation marks that are open. */
  private quotes = 0;
  /** Marks of which no more follow. */
  private readonly absent = new Set<string>();

  constructor(text: string, kind: AbstractKind) {
    this.text = text;
    this.kind = kind;
    this.closing = closings(text);
  }

  /** Segments up to the end, or to the `}` that closes the group that was opened. */
  segments(inGroup: boolean): Segment[] {
    this.depth += 1;
    const writer = new SegmentWriter();
    while (this.at < this.text.length) {
      const c = this.text[this.at];
      if (c === "}" && inGroup) break;
      if (c === "\\") this.writeCommand(writer, inGroup);
      else if (c === "{") writer.write(this.braced());
      else if (c === "$" && this.kind === "source") writer.write([this.dollars()]);
      else writer.write([this.character()]);
    }
    this.depth -= 1;
    return writer.segments();
  }

  /** A declaration with what it styles, or a command; of the spaces around one that reads as nothing, one is left. */
  private writeCommand(writer: SegmentWriter, inGroup: boolean): void {
    const declared = this.declaration();
    if (declared) {
      writer.write(inStyle(declared, this.segments(inGroup)));
      return;
    }
    const pieces = this.command();
    const blank = pieces.every((piece) => piece === "" || piece === " ");
    if (!blank || !writer.isSpaced()) writer.write(pieces);
    if (blank && writer.isSpaced()) while (this.text[this.at] === " ") this.at += 1;
  }

  /** What a `{` begins: a group, or the index of a flattened formula, which stays as it is written. */
  private braced(): readonly (Segment | string)[] {
    const isIndex = this.kind === "flattened" && "_^".includes(this.text[this.at - 1] ?? " ");
    return isIndex ? [this.verbatimGroup()] : this.group();
  }

  private character(): Segment | string {
    URL_PATTERN.lastIndex = this.at;
    const url = this.text[this.at] === "h" ? URL_PATTERN.exec(this.text)?.[0] : undefined;
    if (url) {
      this.at += url.length;
      return { kind: "link", url };
    }
    const quotation = this.quotation();
    if (quotation) return quotation;
    for (const [from, to] of [
      ["---", "—"],
      ["--", "–"],
      // A tie stands between words; before a word it is what it looks like, as in "~10 times".
      ["~", /(?:^|[\s(])$/.test(this.text.slice(Math.max(0, this.at - 1), this.at)) ? "~" : "\u00a0"],
    ])
      if (this.text.startsWith(from, this.at)) {
        this.at += from.length;
        return to;
      }
    const point = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    this.at += point.length;
    return point;
  }

  /** A quotation mark of two strokes, or the two primes of a letter that no open mark goes before. */
  private quotation(): string | undefined {
    const mark = this.text.slice(this.at, this.at + 2);
    if (mark !== "``" && mark !== "''") return undefined;
    const before = this.text.slice(Math.max(0, this.at - 2), this.at);
    const opens = mark === "``" || (/(?:^|[\s(])$/.test(before) && /^\S/.test(this.text.slice(this.at + 2)));
    const primes = !opens && this.quotes === 0 && /(?:^|[^\p{L}])\p{L}$/u.test(before);
    this.at += 2;
    if (primes) return "″";
    this.quotes = Math.max(0, this.quotes + (opens ? 1 : -1));
    return opens ? "“" : "”";
  }

  /** The style that a declaration such as `\em` at this place starts, after moving past it. */
  private declaration(): string | undefined {
    if (this.depth > DEEPEST) return undefined;
    const name = /^\\([a-z]+)(?![a-zA-Z])\s*/.exec(this.text.slice(this.at, this.at + 24));
    if (!name || !isDeclaration(name[1])) return undefined;
    this.at += name[0].length;
    return name[1];
  }

  /** A command and its argument. What is not known stays as it is written. */
  private command(): readonly (Segment | string)[] {
    const formula =
      this.kind === "source" ? (this.enclosed("\\(", "\\)") ?? this.enclosed("\\[", "\\]")) : undefined;
    if (formula) return [formula];
    const rest = this.text.slice(this.at);
    const accent =
      /^\\(?:(["'`^~=.])\s*|([uvHcdbkr])(?:\s+|(?=\{)))(?:\{\\?([a-zA-Z])\}|\\([ij])(?![a-zA-Z])|([a-zA-Z]))/.exec(
        rest,
      );
    if (accent) {
      this.at += accent[0].length;
      const letter = accent[3] ?? accent[4] ?? accent[5];
      return [(letter + accents.get(accent[1] ?? accent[2])).normalize("NFC")];
    }
    const word = /^\\([a-zA-Z]+)/.exec(rest);
    if (word) {
      const letter = letters.get(word[1]);
      if (letter !== undefined) {
        this.at += /^\\[a-zA-Z]+(?:\{\}|\s+)?/.exec(rest)?.[0].length ?? 0;
        return [letter];
      }
      this.at += word[0].length;
      const argument = isStyle(word[1]) && /^\*?\s?(?=\{)/.exec(rest.slice(word[0].length));
      if (argument) {
        this.at += argument[0].length;
        return inStyle(word[1], this.argument());
      }
      return this.withArguments(word[1]) ?? [wordOf(word[1]) ?? word[0]];
    }
    const spacing = wordOf(rest[1] ?? "");
    if (spacing !== undefined && /^\\[,;!/-]/.test(rest)) {
      this.at += 2;
      return [spacing];
    }
    const escaped = /^\\([%$&#_{} \\])/.exec(rest);
    this.at += escaped ? 2 : 1;
    if (!escaped) return ["\\"];
    return [escaped[1] === "\\" ? " " : escaped[1]];
  }

  /**
   * What a command with arguments reads as: an address, a reference, a formula, nothing for what only sets the page, and
   * of a command that is not known the argument. Undefined where there is no argument.
   */
  private withArguments(command: string): readonly (Segment | string)[] | undefined {
    if (isReference(command)) this.skipOptions();
    const label = command === "item" && /^\[([^[\]]{0,80})\]/.exec(this.text.slice(this.at, this.at + 82));
    if (label) {
      this.at += label[0].length;
      return [label[1]];
    }
    if (this.text[this.at] === "*" && this.text[this.at + 1] === "{") this.at += 1;
    if (this.text[this.at] !== "{" || !this.closing.has(this.at)) return undefined;
    const word = wordOf(command);
    if (word !== undefined) {
      // Without content a group only ends the command.
      if (this.text.startsWith("{}", this.at)) this.at += 2;
      return [word];
    }
    const count = mathArguments(command);
    if (count !== undefined && this.kind === "source") return [this.formulaOf(command, count)];
    if (isSurrounding(command)) return this.surrounding(command);
    if (isReference(command)) return [`[${this.verbatimGroup().slice(1, -1)}]`];
    if (isInvisible(command)) {
      this.verbatimGroup();
      return [];
    }
    if (isScript(command)) return [scriptOf(command, segmentsText(this.group()))];
    if (command === "footnote") return [" (", ...this.group(), ")"];
    if (command === "textcolor" || command === "colorbox") this.verbatimGroup();
    else if (command === "url" || command === "href") {
      const address = addressSegment(plainAddress(this.verbatimGroup().slice(1, -1)));
      if (command === "url" || this.text[this.at] !== "{") return [address];
      return [...this.group(), " (", address, ")"];
    }
    const read = this.text[this.at] === "{" ? this.group() : [];
    // Its second argument is what stands where formulas cannot.
    if (command === "texorpdfstring" && this.text[this.at] === "{") this.verbatimGroup();
    // A name that its authors gave is all there is where its argument is empty.
    return read.length === 0 ? [command] : read;
  }

  /** Moves past the options of a command, between brackets. */
  private skipOptions(): void {
    const options = /^(?:\[[^[\]{}]*\])+(?=\{)/.exec(this.text.slice(this.at, this.at + 200));
    if (options) this.at += options[0].length;
  }

  /** A command of formulas that stands in running text, with its arguments. */
  private formulaOf(command: string, count: number): Segment {
    let tex = `\\${command}`;
    for (let i = 0; i < count && this.text[this.at] === "{"; i++) tex += this.verbatimGroup();
    return { kind: "math", tex, display: false };
  }

  /** What `\begin` or `\end` reads as: nothing around a list, and the whole formula in a surrounding for formulas. */
  private surrounding(command: string): readonly Segment[] {
    const name = this.verbatimGroup().slice(1, -1);
    if (command === "begin") {
      const formula =
        this.kind === "source" && isFormula(name) ? this.enclosed("", `\\end{${name}}`) : undefined;
      if (formula) return [aligned(formula)];
      const options = /^\[[^\]]{0,80}\]/.exec(this.text.slice(this.at, this.at + 82));
      if (options) this.at += options[0].length;
    }
    return [];
  }

  /** The formula between two marks, of which this place has the first. */
  private enclosed(begin: string, end: string): (Segment & { readonly kind: "math" }) | undefined {
    if (this.absent.has(end) || !this.text.startsWith(begin, this.at)) return undefined;
    const from = this.at + begin.length;
    const to = this.text.indexOf(end, from);
    if (to < 0) {
      this.absent.add(end);
      return undefined;
    }
    this.at = to + end.length;
    return { kind: "math", tex: this.text.slice(from, to), display: begin !== "\\(" };
  }

  /** The content of a balanced `{...}`; an unbalanced brace is text. */
  private group(): readonly Segment[] {
    if (!this.closing.has(this.at) || this.depth > DEEPEST) {
      this.at += 1;
      return [{ kind: "text", text: "{" }];
    }
    this.at += 1;
    const inner = this.segments(true);
    this.at += 1;
    return inner;
  }

  /** The content of an argument; of one that does not end, all that follows. */
  private argument(): readonly Segment[] {
    if (this.closing.has(this.at) && this.depth <= DEEPEST) return this.group();
    this.at += 1;
    return [];
  }

  private verbatimGroup(): string {
    const text = this.text.slice(this.at, (this.closing.get(this.at) ?? this.at) + 1);
    this.at += text.length;
    return text;
  }

  /** `$...$` or `$$...$$`; an unpaired dollar sign is text. */
  private dollars(): Segment | string {
    const display = this.text.startsWith("$$", this.at);
    const mark = display ? "$$" : "$";
    for (let i = this.at + mark.length; i < this.text.length; i++) {
      if (this.text[i] === "\\") i += 1;
      else if (this.text.startsWith(mark, i)) {
        const tex = this.text.slice(this.at + mark.length, i);
        if (!tex.trim() || (!display && isAmount(tex, this.text[i + 1]))) break;
        this.at = i + mark.length;
        return { kind: "math", tex, display };
      }
    }
    this.at += 1;
    return "$";
  }
}

/** Whether what stands between two dollars is no formula but text between two sums, as in "from $5 to $10". */
function isAmount(tex: string, next: string | undefined): boolean {
  return /^\d[^\\^_=]*\s$/.test(tex) && /\d/.test(next ?? "");
}

/** A formula of several rows or columns in the surrounding that its renderers know. */
function aligned(formula: Segment & { readonly kind: "math" }): Segment {
  return /&|\\\\/.test(formula.tex)
    ? { ...formula, tex: `\\begin{aligned}${formula.tex}\\end{aligned}` }
    : formula;
}

/** A link to a whole address; what is none is text. */
function addressSegment(address: string): Segment | string {
  URL_PATTERN.lastIndex = 0;
  return URL_PATTERN.exec(address)?.[0] === address ? { kind: "link", url: address } : address;
}

/**
 * Reads the TeX that abstracts use in running text: accents, special letters, emphasis, escaped characters, dashes,
 * quotation marks, addresses, references, lists, and symbols outside of formulas; and, in `source` text, formulas between
 * `$...$`, `$$...$$`, `\(...\)`, `\[...\]` and the marks of equations. Of a command that is not known its argument
 * is read; without one it stays as it is written. A percent sign never starts a comment. White space is collapsed.
 */
export function parseTextTeX(raw: string, kind: AbstractKind): Segment[] {
  return new Reader(raw.normalize("NFC").replace(/\s+/g, " ").trim(), kind).segments(false);
}
