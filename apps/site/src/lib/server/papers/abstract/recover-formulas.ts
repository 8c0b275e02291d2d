import type { Segment } from "./segments.ts";
import { greek } from "./symbols.ts";

/** Names that are symbols wherever they stand. */
const ALWAYS = new Set(["epsilon", "varepsilon", "infty"]);
const TOUCHING = new Set(["_", "^", "=", "<", ">", "/", "+", "*", "{", "}"]);
const ENCLOSING = new Set(["(", ")", ",", ".", ";", ":", "|"]);
const OPERATORS = new Set(["=", "<", ">", "/", "+", "*", "-"]);
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const MAX_GROUP = 40;

const isSpace = (token: string | undefined) => token === " " || token === "\u00a0";
const isLetter = (token: string | undefined) => token !== undefined && /^[A-Za-z]$/.test(token);
const isNumber = (token: string | undefined) => token !== undefined && /^[0-9]/.test(token);

function tokenize(text: string): string[] {
  return text.match(/\p{L}+|[0-9]+(?:\.[0-9]+)?|\s|[\s\S]/gu) ?? [];
}

/** The place of the token next to `i` in a direction, one space skipped. */
function beside(tokens: readonly string[], i: number, step: 1 | -1): number {
  return isSpace(tokens[i + step]) ? i + 2 * step : i + step;
}

/** Whether the Greek name at `i` is written as a symbol there; `names` are those known to be symbols. */
function standsAsSymbol(tokens: readonly string[], i: number, names: ReadonlySet<string>): boolean {
  const left = tokens[beside(tokens, i, -1)];
  const right = tokens[beside(tokens, i, 1)];
  if (TOUCHING.has(left) || TOUCHING.has(right)) return true;
  if (tokens[i - 1] === "(" && isLetter(tokens[i - 2])) return true;
  if (ENCLOSING.has(left) && ENCLOSING.has(right) && (left === "," || right === ",")) return true;
  const target = tokens[i + 4];
  return (
    isSpace(tokens[i + 1]) &&
    tokens[i + 2] === "to" &&
    isSpace(tokens[i + 3]) &&
    (target === "0" || names.has(target))
  );
}

function collectNames(segments: readonly Segment[], names: Set<string>): void {
  for (const segment of segments) {
    if (segment.kind === "emphasis" || segment.kind === "strong") collectNames(segment.children, names);
    else if (segment.kind === "text") {
      const tokens = tokenize(segment.text);
      tokens.forEach((token, i) => {
        if (greek.has(token) && !names.has(token) && standsAsSymbol(tokens, i, names)) names.add(token);
      });
    }
  }
}

/** The formulas of one run of text: `math[i]` is true where token `i` belongs to one. */
class Marker {
  readonly math: boolean[];
  private readonly tokens: readonly string[];
  private readonly names: ReadonlySet<string>;

  constructor(tokens: readonly string[], names: ReadonlySet<string>) {
    this.tokens = tokens;
    this.names = names;
    this.math = tokens.map((token) => names.has(token));
    this.scripts();
    this.ellipses();
    this.limits();
    this.groups();
    while (this.operators()) this.groups();
  }

  private mark(from: number, to: number): void {
    for (let i = from; i <= to; i++) this.math[i] = true;
  }

  private isOperand(i: number): boolean {
    return this.math[i] || isNumber(this.tokens[i]) || isLetter(this.tokens[i]);
  }

  /** `x_i`, `L^2`, `epsilon^{-3}`, `f_theta`. */
  private scripts(): void {
    const { tokens } = this;
    for (let i = 1; i + 1 < tokens.length; i++) {
      if (tokens[i] !== "_" && tokens[i] !== "^") continue;
      if (!isLetter(tokens[i - 1]) && !greek.has(tokens[i - 1])) continue;
      let end = i + 1;
      if (tokens[end] === "{") end = this.closing(end);
      else if (tokens[end] === "-" && isNumber(tokens[end + 1])) end += 1;
      else if (
        !isLetter(tokens[end]) &&
        !isNumber(tokens[end]) &&
        !greek.has(tokens[end]) &&
        tokens[end] !== "*"
      )
        continue;
      if (end > 0) this.mark(i - 1, end);
    }
  }

  /** `1,dots,m`. */
  private ellipses(): void {
    const { tokens } = this;
    tokens.forEach((token, i) => {
      if (token !== "dots") return;
      const left = beside(tokens, i, -1);
      const right = beside(tokens, i, 1);
      if (tokens[left] !== "," || tokens[right] !== ",") return;
      this.mark(left, right);
      const before = beside(tokens, left, -1);
      const after = beside(tokens, right, 1);
      if (this.isOperand(before)) this.mark(before, left);
      if (this.isOperand(after)) this.mark(right, after);
    });
  }

  /** `gamma to infty`, `sigma to 0`. */
  private limits(): void {
    const { tokens } = this;
    for (let i = 2; i + 2 < tokens.length; i++)
      if (
        tokens[i] === "to" &&
        isSpace(tokens[i - 1]) &&
        isSpace(tokens[i + 1]) &&
        this.names.has(tokens[i - 2]) &&
        (this.names.has(tokens[i + 2]) || tokens[i + 2] === "0")
      )
        this.mark(i - 2, i + 2);
  }

  /** `(alpha, lambda)`, `O(epsilon)`: brackets that hold nothing but formula, with the letter before them. */
  private groups(): void {
    const { tokens } = this;
    for (let i = 0; i < tokens.length; i++) {
      if (tokens[i] !== "(" && tokens[i] !== "[") continue;
      const end = this.closing(i);
      if (end < 0) continue;
      const inside = Array.from({ length: end - i - 1 }, (_, k) => i + 1 + k);
      const formula = inside.every(
        (k) => this.isOperand(k) || isSpace(tokens[k]) || OPERATORS.has(tokens[k]) || tokens[k] === ",",
      );
      if (formula && inside.some((k) => this.math[k])) this.mark(isLetter(tokens[i - 1]) ? i - 1 : i, end);
    }
  }

  /** `2/eta`, `sigma > 0`, `sigma = O(epsilon)`: an operator beside a formula, and its other operand. */
  private operators(): boolean {
    const { tokens, math } = this;
    let grew = false;
    for (let i = 0; i < tokens.length; i++) {
      if (!OPERATORS.has(tokens[i]) || math[i]) continue;
      const spaced = isSpace(tokens[i - 1]) && isSpace(tokens[i + 1]);
      const tight = !isSpace(tokens[i - 1]) && !isSpace(tokens[i + 1]);
      if (!tight && (!spaced || tokens[i] === "/" || tokens[i] === "-")) continue;
      const left = spaced ? i - 2 : i - 1;
      const right = spaced ? i + 2 : i + 1;
      if (!this.isOperand(left) || !this.isOperand(right) || !(math[left] || math[right])) continue;
      // `epsilon-x` is as likely a hyphen: only a number or a formula makes it a minus sign.
      if (tokens[i] === "-" && (isLetter(tokens[left]) || isLetter(tokens[right]))) continue;
      this.mark(left, right);
      grew = true;
    }
    return grew;
  }

  private closing(open: number): number {
    const wanted = CLOSING[this.tokens[open]];
    let depth = 0;
    for (let i = open; i < Math.min(this.tokens.length, open + MAX_GROUP); i++) {
      if (this.tokens[i] === this.tokens[open]) depth += 1;
      else if (this.tokens[i] === wanted && --depth === 0) return i;
    }
    return -1;
  }
}

function toTeX(tokens: readonly string[]): string {
  const tex = tokens.map((token) => {
    if (token === "epsilon") return "\\varepsilon ";
    if (greek.has(token) || token === "infty" || token === "to" || token === "dots") return `\\${token} `;
    return token === "\u00a0" ? " " : token;
  });
  return tex.join("").replace(/\s+/g, " ").trim();
}

function recoverText(text: string, names: ReadonlySet<string>): Segment[] {
  const tokens = tokenize(text);
  const { math } = new Marker(tokens, names);
  const out: Segment[] = [];
  for (let from = 0; from < tokens.length; ) {
    let to = from + 1;
    while (to < tokens.length && math[to] === math[from]) to += 1;
    const run = tokens.slice(from, to);
    out.push(
      math[from] ? { kind: "math", tex: toTeX(run), display: false } : { kind: "text", text: run.join("") },
    );
    from = to;
  }
  return out;
}

/**
 * Finds the formulas of a text that lost its formula marks: Greek names where they stand as symbols, `infty`, scripts
 * (`x_i`, `L^2`, `epsilon^{-3}`), `,dots,` and `to` between symbols, with the operators, numbers and brackets that
 * belong to them. Ordinary words (`partial`, `times`, `in`, `sum`) are never converted.
 */
export function recoverFormulas(segments: readonly Segment[]): Segment[] {
  const names = new Set(ALWAYS);
  for (let known = 0; known < names.size; ) {
    known = names.size;
    collectNames(segments, names);
  }
  const recover = (list: readonly Segment[]): Segment[] =>
    list.flatMap((segment) => {
      if (segment.kind === "text") return recoverText(segment.text, names);
      if (segment.kind === "emphasis" || segment.kind === "strong")
        return [{ kind: segment.kind, children: recover(segment.children) }];
      return [segment];
    });
  return recover(segments);
}
