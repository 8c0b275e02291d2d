import { expect, test } from "vitest";
import { inputOptions } from "../../../../cli/src/model/input-options.ts";
import { constantOf } from "./constant-text.ts";

test.each(["16000", "-0.5", " 2 ", "1e-3", "1,3,32,32", "1, 3"])(
  "%s is read as the command reads it",
  (text) => {
    expect(constantOf(text)).toEqual(inputOptions({ constant: [`x=${text}`] }).constants?.x);
  },
);

test.each(["", " ", "one", "1,,2", "1,", "1 2", "Infinity"])(
  "“%s” is no constant, here and there",
  (text) => {
    expect(constantOf(text)).toBeUndefined();
    expect(() => inputOptions({ constant: [`x=${text}`] })).toThrow("must be an input and a number");
  },
);
