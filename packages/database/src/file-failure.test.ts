import { expect, test } from "vitest";
import { fileFailure } from "./file-failure.ts";
import { FolderNotWritableError } from "./make-folder.ts";

test("a failure of the embedded Postgres's file system is told in words", () => {
  const thrown = { name: "ErrnoError", errno: 51 };
  const failure = fileFailure("/data", thrown, "GRADUS_DATABASE_DIR");
  expect(failure).toBeInstanceOf(FolderNotWritableError);
  expect(failure).toHaveProperty(
    "message",
    "cannot write into /data (no space left on device); set GRADUS_DATABASE_DIR to a writable folder",
  );
});

test("every other failure stays what it is", () => {
  const error = Object.assign(new Error("x"), { errno: 51 });
  for (const thrown of [error, undefined, "x", { errno: "51" }, {}])
    expect(fileFailure("/data", thrown, "GRADUS_DATABASE_DIR")).toBe(thrown);
});
