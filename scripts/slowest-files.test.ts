import { expect, test } from "vitest";
import { slowestFiles } from "./slowest-files.ts";

test("the slowest come first, with the time of their modules and their tests", () => {
  const file = (name: string, collectDuration: number, duration: number) => ({
    relativeModuleId: name,
    diagnostic: () => ({ collectDuration, duration }),
  });
  const files = [file("a.test.ts", 100, 400), file("b.test.ts", 2000, 61_040), file("c.test.ts", 900, 0)];
  expect(slowestFiles(files, 2)).toEqual(["   63.0 s  b.test.ts", "    0.9 s  c.test.ts"]);
});
