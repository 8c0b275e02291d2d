import { doubleStruck, functionNames, greek, subscripts, superscripts, symbols } from "./symbols.ts";

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
  "bm",
  "mbox",
  "hbox",
  "textsc",
  "textup",
  "ensuremath",
  "mathop",
  "underbrace",
  "overbrace",
  "underline",
  "pmb",
  "mathbin",
  "mathrel",
  "mathord",
  "texttt",
  "textsf",
  "textnormal",
  "operatornamewithlimits",
]);

/** Commands with a note over or under what their second argument is. */
const NOTED = new Set(["overset", "stackrel", "underset"]);

/** Pairs around an argument. */
const ENCLOSED: Readonly<Record<string, readonly [string, string]>> = {
  norm: ["‖", "‖"],
  abs: ["|", "|"],
};

/** What stands around the rows of a surrounding; of others, such as aligned equations, only the rows are read. */
const SURROUNDED: Readonly<Record<string, readonly [string, string]>> = {
  matrix: ["(", ")"],
  array: ["(", ")"],
  smallmatrix: ["(", ")"],
  pmatrix: ["(", ")"],
  bmatrix: ["[", "]"],
  Bmatrix: ["{", "}"],
  vmatrix: ["|", "|"],
  Vmatrix: ["‖", "‖"],
  cases: ["{", "}"],
};

/** Before and after the name of a function, until it is known what stands there. */
const [BEFORE, AFTER] = ["\ue000", "\ue001"];

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

/** Abbreviations that many authors define for themselves. */
const OWN: ReadonlyMap<string, string> = new Map(
  Object.entries({ R: "ℝ", N: "ℕ", Z: "ℤ", E: "𝔼", eps: "ε" }),
);

const RELATIONS = new Set(["=", "<", ">"]);

class Reader {
  private at = 0;
  private readonly tex: string;
  /** What stands between the cells of a row. */
  private cell = " ";

  constructor(tex: string) {
    this.tex = tex;
  }

  all(end = ""): string {
    let out = "";
    while (this.at < this.tex.length && !(end && this.tex.startsWith(end, this.at))) out += this.item();
    return out;
  }

  private item(): string {
    const c = this.tex[this.at];
    if (c === "_" || c === "^") {
      this.at += 1;
      return unicodeScript(c, this.argument());
    }
    if (c === "{") return this.argument();
    if (c === "\\") return this.command();
    this.at += 1;
    if (RELATIONS.has(c)) return ` ${c} `;
    if (c === "'") return "′";
    if (c === "-") return "−";
    if (c === "&") return this.cell;
    if (c === "~") return " ";
    if (c === "}" || c === "$") return "";
    return c;
  }

  private argument(): string {
    while (this.tex[this.at] === " ") this.at += 1;
    if (this.at >= this.tex.length) return "";
    if (this.tex[this.at] !== "{") return this.item();
    this.at += 1;
    const inner = this.all("}");
    this.at += 1;
    return inner.trim();
  }

  /** The rows of a surrounding, from behind its `\begin`. */
  private rows(): string {
    const name = this.argument().replace(/\*$/, "");
    if (name === "array") this.argument();
    const around = Object.hasOwn(SURROUNDED, name) ? SURROUNDED[name] : undefined;
    const outer = this.cell;
    this.cell = around ? ", " : "";
    const inner = this.all("\\end");
    this.cell = outer;
    if (this.at < this.tex.length) {
      this.at += "\\end".length;
      this.argument();
    }
    const rows = inner
      .replace(/\s+([,;])/g, "$1")
      .replace(/(?:;\s*)+$/, "")
      .trim();
    return around ? `${around[0]}${rows}${around[1]}` : rows;
  }

  private command(): string {
    const name = /^(?:[a-zA-Z]+|[\s\S])/.exec(this.tex.slice(this.at + 1))?.[0] ?? "";
    this.at += 1 + name.length;
    if (/^[a-zA-Z]/.test(name)) while (this.tex[this.at] === " ") this.at += 1;
    if (name === "frac" || name === "tfrac" || name === "dfrac" || name === "nicefrac")
      return `${atom(this.argument())}/${atom(this.argument())}`;
    if (name === "binom" || name === "tbinom" || name === "dbinom")
      return `(${this.argument()} choose ${this.argument()})`;
    if (name === "color" || name === "phantom" || name === "hspace") return this.argument() && "";
    if (name === "textcolor") return this.argument() && this.argument();
    // What stands over or under something is a note on it.
    if (NOTED.has(name)) {
      const note = this.argument();
      return `${this.argument()}${unicodeScript(name === "underset" ? "_" : "^", note)}`;
    }
    if (name === "sqrt") return `√${atom(this.argument())}`;
    if (name === "begin") return this.rows();
    if (name === "label") return this.argument() && "";
    if (name === "\\") return "; ";
    if (name === "not") return ` ${this.argument().trim()}\u0338 `.normalize("NFC");
    if (functionNames.has(name)) return `${BEFORE}${name}${AFTER}`;
    if (name === "operatorname") return this.named();
    if (Object.hasOwn(ENCLOSED, name)) return `${ENCLOSED[name][0]}${this.argument()}${ENCLOSED[name][1]}`;
    if (["mathbb", "mathds", "mathbbm", "Bbb"].includes(name))
      return [...this.argument()].map((c) => doubleStruck.get(c) ?? c).join("");
    if (TRANSPARENT.has(name)) return this.argument();
    if (Object.hasOwn(MARKS, name)) return [...this.argument()].map((c) => c + MARKS[name]).join("");
    const known = greek.get(name) ?? symbols.get(name) ?? OWN.get(name);
    if (known !== undefined) return known;
    return this.tex[this.at] === "{" ? `${name}(${this.argument()})` : name;
  }

  /** The name of a function that an author gives. */
  private named(): string {
    if (this.tex[this.at] === "*") this.at += 1;
    return `${BEFORE}${this.argument()}${AFTER}`;
  }
}

function atom(text: string): string {
  return [...text].length > 1 && !/^[\p{L}\p{N}]+$/u.test(text) ? `(${text})` : text;
}

/** A script in Unicode where every character has one; else the mark stays. */
export function unicodeScript(mark: "_" | "^", text: string): string {
  const forms = mark === "_" ? subscripts : superscripts;
  const characters = [...text.replace(/[\s\ue000\ue001]+/g, "")];
  if (characters.length > 0 && characters.every((c) => forms.has(c)))
    return characters.map((c) => forms.get(c)).join("");
  return `${mark}${characters.length > 1 ? `(${text})` : text}`;
}

/** A formula in plain Unicode text, as mail, feeds and descriptions show it. */
export function plainMath(tex: string): string {
  return (
    new Reader(tex)
      .all()
      // A function stands apart from letters, figures and what is closed before it, and from letters and figures behind it.
      .replace(/(?<=[\p{L}\p{N}\p{M})\]}′])\ue000/gu, " ")
      .replace(/\ue001(?=[\p{Lu}\p{Ll}\p{Lo}\p{Nd}√∑∏∫∇∂|‖])/gu, " ")
      .replace(/[\ue000\ue001]/g, "")
      .replace(/\s+/g, " ")
      .replace(/ ([,.;)])/g, "$1")
      .trim()
  );
}
