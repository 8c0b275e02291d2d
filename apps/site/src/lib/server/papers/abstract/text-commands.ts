import { greek, symbols } from "./symbols.ts";

/** Commands of running text without an argument, as they are read. */
const WORDS: Readonly<Record<string, string>> = {
  item: "•",
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
  return /^(?:cite[a-z]*|(?:eq|auto|[cC])?ref)$/.test(command);
}

/** Whether a command begins or ends a surrounding, such as a list, of which only the content is read. */
export function isSurrounding(command: string): boolean {
  return command === "begin" || command === "end";
}

/** An address as TeX writes it, with escaped characters and without. */
export function plainAddress(argument: string): string {
  return argument.replace(/\\([%#&_~])/g, "$1").trim();
}
