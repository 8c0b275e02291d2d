import { expect, test } from "vitest";
import { powerOfTwo } from "./power-of-two.ts";

test("the power of two at or below a number, denormal ones and the largest included", () => {
  for (let exponent = -1074; exponent <= 1023; exponent++) {
    const power = 2 ** exponent;
    expect(powerOfTwo(power)).toBe(power);
    if (exponent > -1022) {
      expect(powerOfTwo(power * 1.9999999999999998)).toBe(power);
      expect(powerOfTwo(power * 0.9999999999999999)).toBe(power / 2);
    }
  }
  expect(powerOfTwo(Number.MAX_VALUE)).toBe(2 ** 1023);
  expect(powerOfTwo(3 * Number.MIN_VALUE)).toBe(2 * Number.MIN_VALUE);
});
