import { expect, test } from "vitest";
import { lossNormalizedSentence, lossNormalizedTable } from "./loss-normalized.ts";

const same = (T: number) => ({ first: T, least: T, most: T });

test("counts have thousands apart, beyond the limit too", () => {
  const found = [
    { data: "digits 1v8", times: [same(8), same(1234), same(5000), { first: 370, least: 370, most: 1323 }] },
  ];
  expect(lossNormalizedSentence(found)).toMatch(/give T from 370 to 1,323\.$/);
  const [row] = lossNormalizedTable(found).rows;
  expect(row).toMatchObject({ T1: "1,234", T2: "more than 4,000", range2: "same", range3: "370 to 1,323" });
});
