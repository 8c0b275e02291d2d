import { escapeHtml } from "../text/escape.ts";

/** A word of a signature: how it is colored, and what it links to. */
export interface Word {
  readonly text: string;
  readonly kind?: "keyword" | "name" | "literal";
  readonly href?: string;
}

/** A list in a signature that stands on one line where it fits, and else one item a line. */
export interface List {
  readonly open: string;
  readonly close: string;
  readonly separator: string;
  readonly items: readonly (readonly Piece[])[];
  /** The separator leads each line, as that of a union does. */
  readonly leading?: boolean;
}

export type Piece = Word | List;

const WIDTH = 76;
const INDENT = 2;

const isList = (piece: Piece): piece is List => "items" in piece;

function widthOf(pieces: readonly Piece[]): number {
  let width = 0;
  for (const piece of pieces) {
    if (!isList(piece)) width += piece.text.length;
    else {
      width += piece.open.length + piece.close.length;
      width += piece.separator.length * Math.max(0, piece.items.length - 1);
      for (const item of piece.items) width += widthOf(item);
    }
  }
  return width;
}

/** The width of what follows a list of types, up to where the line may break next. */
function untilBreak(pieces: readonly Piece[], after: number): number {
  let width = 0;
  for (const piece of pieces) {
    if (isList(piece) && piece.items.length > 0) return width + piece.open.length;
    width += widthOf([piece]);
  }
  return width + after;
}

function word({ text, kind, href }: Word): string {
  const inner = kind ? `<span class="code-${kind}">${escapeHtml(text)}</span>` : escapeHtml(text);
  return href ? `<a href="${escapeHtml(href)}">${inner}</a>` : inner;
}

/** Markup of the pieces, and the column after them; `after` is the width of what follows on the same line. */
function print(pieces: readonly Piece[], indent: number, from: number, after: number): [string, number] {
  let html = "";
  let column = from;
  pieces.forEach((piece, i) => {
    if (!isList(piece)) {
      html += word(piece);
      column += piece.text.length;
      return;
    }
    const rest =
      piece.open === "<" ? untilBreak(pieces.slice(i + 1), after) : widthOf(pieces.slice(i + 1)) + after;
    const flat = piece.items.length === 0 || column + widthOf([piece]) + rest <= WIDTH;
    const { open, close, separator } = piece;
    if (flat) {
      html += escapeHtml(open);
      column += open.length;
      piece.items.forEach((item, k) => {
        if (k > 0) {
          html += escapeHtml(separator);
          column += separator.length;
        }
        const [inner, end] = print(item, indent, column, 0);
        html += inner;
        column = end;
      });
      html += escapeHtml(close);
      column += close.length;
      return;
    }
    const inside = indent + INDENT;
    const line = `\n${" ".repeat(inside)}`;
    html += escapeHtml(open.trimEnd());
    for (const item of piece.items) {
      const lead = piece.leading ? separator.trimStart() : "";
      const [inner] = print(item, inside, inside + lead.length, 1);
      html += `${line}${escapeHtml(lead)}${inner}${piece.leading ? "" : escapeHtml(separator.trimEnd())}`;
    }
    if (close !== "") html += `\n${" ".repeat(indent)}${escapeHtml(close.trimStart())}`;
    column = close === "" ? WIDTH : indent + close.trimStart().length;
  });
  return [html, column];
}

/** A signature as HTML, broken into lines of at most 76 characters where it can be. */
export function printPieces(pieces: readonly Piece[]): string {
  return print(pieces, 0, 0, 0)[0];
}
