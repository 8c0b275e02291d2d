import { expect, test } from "vitest";
import { formStamp, isOldEnough } from "./form-age.ts";

const key = Buffer.alloc(32, 3);
const start = new Date("2025-12-25T12:00:00Z");
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

test("a form is taken from 2 seconds to a day after it was made", () => {
  const stamp = formStamp(key, start);
  expect(
    [-1, 0, 1.9, 2, 3600, 86_400, 86_401].map((seconds) => isOldEnough(key, stamp, after(seconds))),
  ).toEqual([false, false, false, true, true, true, false]);
});

test("a stamp cannot be made up, moved or sent in another length", () => {
  const stamp = formStamp(key, start);
  const earlier = formStamp(key, after(-100)).split(".")[0];
  const forged = ["", ".", "x", stamp.slice(0, -1), `${stamp}é`, `${earlier}.${stamp.split(".")[1]}`];
  for (const text of [...forged, formStamp(Buffer.alloc(32, 4), start)])
    expect(isOldEnough(key, text, after(10)), text).toBe(false);
});
