/** A program in a document, and what the document says it prints. */
export interface Example {
  /** Such as `docs/iterators.md:12`: where its first line stands. */
  readonly place: string;
  readonly code: string;
  /** The block of text right after it; undefined when the document says nothing. */
  readonly output?: string;
}

const BLOCK = /^```(\w*)\n(.*?)^```$/gms;

/** A block of a document in any language. */
export interface Block extends Example {
  readonly language: string;
}

/** The blocks of a Markdown document, each with the ```text block that follows it at once. */
export function blocksOf(document: string, markdown: string): Block[] {
  const blocks = [...markdown.matchAll(BLOCK)];
  return blocks.map((block, i) => {
    const [text, language, code] = block;
    const line = markdown.slice(0, block.index).split("\n").length + 1;
    const next = blocks[i + 1];
    const between = next && markdown.slice(block.index + text.length, next.index);
    const printed = next?.[1] === "text" && between?.trim() === "";
    return { language, place: `${document}:${line}`, code, ...(printed ? { output: next[2] } : {}) };
  });
}

/** The TypeScript blocks of a Markdown document. */
export function examplesOf(document: string, markdown: string): Example[] {
  return blocksOf(document, markdown).flatMap(({ language, ...example }) =>
    language === "ts" ? [example] : [],
  );
}
