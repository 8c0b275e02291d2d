import { fetchedFile } from "./address.ts";
import type { NamedFile } from "./contract.ts";

/** The file of an address, which may be relative to the page's. */
export function namedFile(source: string | URL): NamedFile {
  return fetchedFile(new URL(source, globalThis.document?.baseURI ?? globalThis.location.href));
}
