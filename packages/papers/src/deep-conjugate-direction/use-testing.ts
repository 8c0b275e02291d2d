import { expect } from "vitest";
import { numbersIn } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const [loss, bytes] = numbersIn(text);
  expect(loss).toBeLessThan(0.25);
  // 4,761 numbers of four bytes, in base64 and their names
  expect(bytes).toBeGreaterThan((4761 * 16) / 3);
  const [network, plain, multigrid] = numbersIn(text.slice(text.indexOf("network"))).slice(0, 3);
  expect(network).toBeLessThan(plain);
  expect(multigrid).toBeLessThan(10);
}
