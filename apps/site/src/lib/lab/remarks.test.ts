import { expect, test } from "vitest";
import { remarkAnchors, remarkOn } from "./remarks.ts";

const paper = {
  remarks: [
    { title: "How it works", text: ["It steps.", "C2 and C3 look at the worst case."] },
    { title: "The verdict", text: ["C3 needs luck, C1 does not.", "C2 again.", "AC4, C40"] },
  ],
};

test("a claim's remark is the first paragraph that names it, also where another claim named there comes first", () => {
  expect(remarkAnchors(paper)).toEqual([
    [undefined, "about-C2"],
    ["about-C1", undefined, "about-C40"],
  ]);
  expect(["C1", "C2", "C3", "C4"].map((claim) => remarkOn(claim, paper))).toEqual([
    "about-C1",
    "about-C2",
    "about-C2",
    undefined,
  ]);
});

test("without remarks there is none", () => {
  expect(remarkAnchors(undefined)).toEqual([]);
  expect(remarkOn("C1", { remarks: [] })).toBeUndefined();
});
