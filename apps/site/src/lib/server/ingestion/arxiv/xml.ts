import { SaxesParser } from "saxes";

/** What arXiv sent is not what its protocols promise. */
export class ArxivFormatError extends Error {
  override readonly name = "ArxivFormatError";
}

/** An element of a document. */
export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in it. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

/** Elements within each other: the formats that are read here have five. */
const DEEPEST = 20;

/** A document type stands before the first element. */
function hasDocumentType(xml: string): boolean {
  const begin = xml.search(/<[A-Za-z_:]/);
  return (begin < 0 ? xml : xml.slice(0, begin)).includes("<!DOCTYPE");
}

/**
 * Reads a document. Entities beyond the five of XML and numeric ones are refused, as is every document type: nothing is
 * expanded and nothing else is loaded.
 *
 * @throws ArxivFormatError when the text is not well-formed, has a document type or more than 20 levels
 */
export function readXml(xml: string): XmlElement {
  if (hasDocumentType(xml)) throw new ArxivFormatError("the document has a DOCTYPE");
  const root: OpenElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", ({ message }) => {
    throw new ArxivFormatError(`not well-formed XML: ${message.slice(0, 200)}`);
  });
  parser.on("doctype", () => {
    throw new ArxivFormatError("the document has a DOCTYPE");
  });
  parser.on("opentag", ({ local, attributes }) => {
    if (open.length > DEEPEST) throw new ArxivFormatError(`more than ${DEEPEST} levels of elements`);
    const element: OpenElement = {
      name: local,
      attributes: Object.fromEntries(
        Object.values(attributes).map(({ local: name, value }) => [name, value]),
      ),
      children: [],
      text: "",
    };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  const append = (text: string) => {
    const element = open.at(-1);
    if (element) element.text += text;
  };
  parser.on("text", append);
  parser.on("cdata", append);
  parser.on("closetag", () => void open.pop());
  parser.write(xml).close();
  const [document] = root.children;
  if (!document) throw new ArxivFormatError("the document is empty");
  return document;
}

/** The elements of a name directly within an element. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The first of them. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** The text of the first of them; empty when there is none. */
export function textOf(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? "";
}
