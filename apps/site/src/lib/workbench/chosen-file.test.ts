import { DataError } from "gradus/check";
import { expect, test } from "vitest";
import { bytesOfFile, textOfFile } from "./chosen-file.ts";

/** A file whose contents cannot be read. */
function failing(error: Error): { readonly name: string; readonly part: Blob } {
  const fail = () => Promise.reject(error);
  return { name: "rows.csv", part: Object.assign(new Blob(["1,2"]), { arrayBuffer: fail, text: fail }) };
}

test("a file gives its bytes and its text", async () => {
  const file = { name: "rows.csv", part: new Blob(["1,2"]) };
  expect(await textOfFile(file)).toBe("1,2");
  expect([...(await bytesOfFile(file))]).toEqual([49, 44, 50]);
});

test("a file that was moved or changed says so, and other failures are their own", async () => {
  for (const name of ["NotFoundError", "NotReadableError"]) {
    const gone = failing(new DOMException("a message of the browser", name));
    for (const read of [bytesOfFile, textOfFile])
      await expect(read(gone)).rejects.toThrow(
        new DataError(
          "rows.csv cannot be read any more: it was moved, deleted or changed since it was chosen; choose it again",
        ),
      );
  }
  await expect(textOfFile(failing(new RangeError("too long")))).rejects.toThrow(RangeError);
});
