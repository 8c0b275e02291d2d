import { greek, symbols } from "./symbols.ts";

/** Commands of running text without an argument, as they are read. */
const WORDS: Readonly<Record<string, string>> = {
  item: "•",
  quad: " ",
  qquad: " ",
  enspace: " ",
  textellipsis: "…",
  textquotedblleft: "“",
  textquotedblright: "”",
  textquoteleft: "‘",
  textquoteright: "’",
  textunderscore: "_",
  textdollar: "$",
  textbar: "|",
  textmu: "µ",
  DJ: "Đ",
  dj: "đ",
  DH: "Ð",
  dh: "ð",
  TH: "Þ",
  th: "þ",
  NG: "Ŋ",
  ng: "ŋ",
  xspace: "",
  centering: "",
  normalfont: "",
  scshape: "",
  ttfamily: "",
  sffamily: "",
  rmfamily: "",
  maketitle: "",
  LaTeX: "LaTeX",
  TeX: "TeX",
  S: "§",
  noindent: "",
  par: "",
  newline: "",
  smallskip: "",
  medskip: "",
  bigskip: "",
  footnotesize: "",
  small: "",
  large: "",
  ",": "\u2009",
  ";": " ",
  "!": "",
  "/": "",
  "-": "",
  copyright: "©",
  pounds: "£",
  textregistered: "®",
  texttrademark: "™",
  textdegree: "°",
  textendash: "–",
  textemdash: "—",
  textasciitilde: "~",
  textbackslash: "\\",
  textless: "<",
  textgreater: ">",
};

/**
 * What a command without an argument reads as: special words, and symbols and Greek letters that were left outside of a
 * formula. Undefined for one that is not known.
 */
export function wordOf(command: string): string | undefined {
  if (Object.hasOwn(WORDS, command)) return WORDS[command];
  return (greek.get(command) ?? symbols.get(command))?.trim();
}

/** Whether a command cites or refers to what stands elsewhere, by keys. */
export function isReference(command: string): boolean {
  return /^(?:[cC]ite[a-zA-Z]*|(?:eq|auto|page|name|[cC])?ref)$/.test(command);
}

/** Whether a command begins or ends a surrounding, such as a list, of which only the content is read. */
export function isSurrounding(command: string): boolean {
  return command === "begin" || command === "end";
}

/** Commands that set the page, or name what is not shown. */
const INVISIBLE = new Set(
  "label vspace hspace thanks color index bibliographystyle bibliography input pagestyle".split(" "),
);

/** Whether nothing is read of a command and its argument. */
export function isInvisible(command: string): boolean {
  return INVISIBLE.has(command);
}

/** Surroundings whose content is a formula. */
const FORMULAS = new Set(
  "equation align alignat gather multline eqnarray displaymath math flalign".split(" "),
);

/** Whether the content of a surrounding is a formula. */
export function isFormula(surrounding: string): boolean {
  return FORMULAS.has(surrounding.replace(/\*$/, ""));
}

const MATH_COMMANDS: ReadonlyMap<string, number> = new Map([
  ...(
    "mathbb mathbbm mathds mathcal mathscr mathfrak mathrm mathbf mathsf mathit mathtt boldsymbol bm operatorname " +
    "ensuremath sqrt hat widehat tilde widetilde bar overline vec dot ddot"
  )
    .split(" ")
    .map((name) => [name, 1] as const),
  ["frac", 2],
  ["tfrac", 2],
  ["dfrac", 2],
  ["binom", 2],
]);

/** How many arguments a command of formulas has; undefined for any other command. */
export function mathArguments(command: string): number | undefined {
  return MATH_COMMANDS.get(command);
}

/** An address as TeX writes it, with escaped characters and without. */
export function plainAddress(argument: string): string {
  return argument.replace(/\\([%#&_~])/g, "$1").trim();
}
