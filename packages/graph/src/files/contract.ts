/** A file that a user names, and those beside it. */
export interface NamedFile {
  /** As messages call it. */
  readonly name: string;
  /** The bytes of the file itself. */
  read(signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The file of a relative name in the folder of this one: segments without `..`. */
  beside(segments: readonly string[]): NamedFile;
}
