import { doubleStruck, greek, subscripts, superscripts, symbols } from "./symbols.ts";

/** Commands whose argument is read as it is. */
const TRANSPARENT = new Set([
  "text",
  "textrm",
  "textit",
  "textbf",
  "mathrm",
  "mathbf",
  "mathit",
  "mathcal",
  "mathsf",
  "mathtt",
  "mathfrak",
  "mathscr",
  "boldsymbol",
  "operatorname",
  "bm",
]);

const MARKS: Readonly<Record<string, string>> = {
  hat: "\u0302",
  widehat: "\u0302",
  tilde: "\u0303",
  widetilde: "\u0303",
  bar: "\u0304",
  overline: "\u0304",
  dot: "\u0307",
  ddot: "\u0308",
  vec: "\u20d7",
};

const RELATIONS = new Set(["=", "<", ">"]);

class Reader {
  private at = 0;
  private readonly tex: string;

  constructor(tex: string) {
    this.tex = tex;
  }

  all(inGroup = false): string {
    let out = "";
    while (this.at < this.tex.length && !(inGroup && this.tex[this.at] === "}")) out += this.item();
    return out;
  }

  private item(): string {
    const c = this.tex[this.at];
    if (c === "_" || c === "^") {
      this.at += 1;
      return script(c, this.argument());
    }
    if (c === "{") return this.argument();
    if (c === "\\") return this.command();
    this.at += 1;
    if (RELATIONS.has(c)) return ` ${c} `;
    if (c === "'") return "′";
    if (c === "-") return "−";
    if (c === "~" || c === "&") return " ";
    if (c === "}" || c === "$") return "";
    return c;
  }

  private argument(): string {
    while (this.tex[this.at] === " ") this.at += 1;
    if (this.at >= this.tex.length) return "";
    if (this.tex[this.at] !== "{") return this.item();
    this.at += 1;
    const inner = this.all(true);
    this.at += 1;
    return inner.trim();
  }

  private command(): string {
    const name = /^(?:[a-zA-Z]+|[\s\S])/.exec(this.tex.slice(this.at + 1))?.[0] ?? "";
    this.at += 1 + name.length;
    if (/^[a-zA-Z]/.test(name)) while (this.tex[this.at] === " ") this.at += 1;
    if (name === "frac" || name === "tfrac" || name === "dfrac")
      return `${atom(this.argument())}/${atom(this.argument())}`;
    if (name === "sqrt") return `√${atom(this.argument())}`;
    if (name === "mathbb") return [...this.argument()].map((c) => doubleStruck.get(c) ?? c).join("");
    if (TRANSPARENT.has(name)) return this.argument();
    if (Object.hasOwn(MARKS, name)) return [...this.argument()].map((c) => c + MARKS[name]).join("");
    return greek.get(name) ?? symbols.get(name) ?? name;
  }
}

function atom(text: string): string {
  return [...text].length > 1 && !/^[\p{L}\p{N}]+$/u.test(text) ? `(${text})` : text;
}

/** A script in Unicode where every character has one; else the mark stays. */
function script(mark: "_" | "^", text: string): string {
  const forms = mark === "_" ? subscripts : superscripts;
  const characters = [...text.replace(/\s+/g, "")];
  if (characters.length > 0 && characters.every((c) => forms.has(c)))
    return characters.map((c) => forms.get(c)).join("");
  return `${mark}${characters.length > 1 ? `(${text})` : text}`;
}

/** A formula in plain Unicode text, as mail, feeds and descriptions show it. */
export function plainMath(tex: string): string {
  return new Reader(tex)
    .all()
    .replace(/\s+/g, " ")
    .replace(/ ([,.;)])/g, "$1")
    .trim();
}
