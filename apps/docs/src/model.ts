/** Text that is markup already: made from our own sources, escaped. */
export type Html = string;

export type SymbolKind = "function" | "class" | "interface" | "type" | "constant";

/** A parameter, a property, a method: something with a name inside a symbol. */
export interface MemberDoc {
  readonly name: string;
  /** Its type, or the whole signature of a method; names of other symbols are links. */
  readonly type: Html;
  readonly optional: boolean;
  /** What it is when left out, as the source says it. */
  readonly defaultValue?: string;
  readonly text: Html;
  /** The fields of an options object, shown with the parameter that takes it. */
  readonly fields?: readonly MemberDoc[];
}

/** One way to call a function, or the one declaration of anything else. */
export interface SignatureDoc {
  readonly code: Html;
  readonly text: Html;
  readonly parameters: readonly MemberDoc[];
  readonly returns?: Html;
  readonly throws: readonly Html[];
  readonly see: readonly Html[];
}

export interface SymbolDoc {
  readonly name: string;
  /** Unique on its page. */
  readonly anchor: string;
  readonly kind: SymbolKind;
  /** The first sentence of its comment, as plain text; empty when it has none. */
  readonly sentence: string;
  readonly signatures: readonly SignatureDoc[];
  readonly members: readonly MemberDoc[];
  readonly source: { readonly file: string; readonly line: number };
  /** False for a type that a signature names and that cannot be imported. */
  readonly exported: boolean;
}

/** Symbols that belong together on a page, under a heading. */
export interface SectionDoc {
  readonly title: string;
  readonly symbols: readonly SymbolDoc[];
}

/** A family of symbols: one page. */
export interface ModuleDoc {
  readonly slug: string;
  /** What an import names, such as `gradus/linalg`. */
  readonly path: string;
  readonly title: string;
  readonly sentence: string;
  readonly sections: readonly SectionDoc[];
}

/** The symbols of a page, in its order. */
export const symbolsOf = ({ sections }: ModuleDoc): readonly SymbolDoc[] =>
  sections.flatMap(({ symbols }) => symbols);

export interface PackageDoc {
  readonly slug: string;
  /** What an import names. */
  readonly name: string;
  readonly description: string;
  readonly modules: readonly ModuleDoc[];
}

export interface Heading {
  readonly anchor: string;
  readonly title: string;
}

export interface GuideDoc {
  readonly slug: string;
  readonly title: string;
  /** Its first paragraph, as plain text. */
  readonly lead: string;
  /** The same, as the content of an element. */
  readonly summary: Html;
  readonly headings: readonly Heading[];
  readonly body: Html;
}

/** Everything that the site shows under /docs. */
export interface Documentation {
  readonly guides: readonly GuideDoc[];
  readonly packages: readonly PackageDoc[];
  /** The files that declare the symbols, by path from the root. */
  readonly sources: Readonly<Record<string, string>>;
}
