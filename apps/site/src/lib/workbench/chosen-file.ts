import { DataError } from "gradus/check";

/** Larger files are refused: they are read into memory whole. */
export const MOST_BYTES = 100_000_000;

/** A file that was chosen, or a part of it. */
interface Chosen {
  readonly name: string;
  readonly part: Blob;
}

/** How browsers name the error of a file that was removed or replaced after it was chosen. */
const GONE = ["NotFoundError", "NotReadableError"];

async function contents<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof DOMException && GONE.includes(cause.name))) throw cause;
    throw new DataError(
      `${name} cannot be read any more: it was moved, deleted or changed since it was chosen; choose it again`,
      { cause },
    );
  }
}

/** The bytes of a file. @throws DataError when it has been removed */
export const bytesOfFile = ({ name, part }: Chosen): Promise<Uint8Array<ArrayBuffer>> =>
  contents(name, async () => new Uint8Array(await part.arrayBuffer()));

/** The text of a file. @throws DataError when it has been removed */
export const textOfFile = ({ name, part }: Chosen): Promise<string> => contents(name, () => part.text());
