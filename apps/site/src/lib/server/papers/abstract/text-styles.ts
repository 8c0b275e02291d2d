import { unicodeScript } from "./plain-math.ts";
import type { Segment } from "./segments.ts";

/** Commands that set their argument in a style. */
const STYLES: ReadonlyMap<string, "emphasis" | "strong" | "plain"> = new Map(
  Object.entries({
    emph: "emphasis",
    textit: "emphasis",
    em: "emphasis",
    it: "emphasis",
    itshape: "emphasis",
    sl: "emphasis",
    slshape: "emphasis",
    textsl: "emphasis",
    textbf: "strong",
    bf: "strong",
    bfseries: "strong",
    section: "strong",
    subsection: "strong",
    paragraph: "strong",
    textrm: "plain",
    textsc: "plain",
    texttt: "plain",
    textsf: "plain",
    text: "plain",
    textup: "plain",
    textnormal: "plain",
    mbox: "plain",
    underline: "plain",
    uline: "plain",
    centerline: "plain",
    protect: "plain",
  } as const),
);

/** Styles that hold from where they stand to the end of their group. */
const DECLARATIONS = new Set(["em", "it", "itshape", "sl", "slshape", "bf", "bfseries"]);

type Script = "textsuperscript" | "textsubscript";

/** Whether a command sets its argument in a style. */
export function isStyle(command: string): boolean {
  return STYLES.has(command);
}

/** Whether a command sets a style from where it stands to the end of its group. */
export function isDeclaration(command: string): boolean {
  return DECLARATIONS.has(command);
}

/** Whether a command raises or lowers its argument. */
export function isScript(command: string): command is Script {
  return command === "textsuperscript" || command === "textsubscript";
}

/** Raised or lowered text. */
export function scriptOf(command: Script, text: string): string {
  return unicodeScript(command === "textsuperscript" ? "^" : "_", text);
}

/** What a style's command makes of its argument. */
export function inStyle(name: string, children: readonly Segment[]): readonly Segment[] {
  const kind = STYLES.get(name);
  return kind === undefined || kind === "plain" || children.length === 0 ? children : [{ kind, children }];
}
