import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array } from "@gradus/graph";
import { expect, test } from "vitest";
import { filePath, readInputs, writeInputs } from "./input-files.ts";

test("inputs come back as they were written, and paths with them", () => {
  const directory = mkdtempSync(join(tmpdir(), "gradus-bench-test-"));
  try {
    const inputs = {
      "a.x": array(Float32Array.of(1.5, -2, 3, 4), [2, 2]),
      "a.y": array(BigInt64Array.of(-1n, 7n), [2]),
    };
    writeInputs(directory, inputs, { rows: "somewhere/rows.txt" });
    const read = readInputs(directory);
    expect(read["a.x"]).toEqual(inputs["a.x"]);
    expect(read["a.y"]).toEqual(inputs["a.y"]);
    expect(read["a.x"]).toBe(read["a.x"]);
    expect(filePath(directory, "rows")).toBe("somewhere/rows.txt");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
