import { close } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const named = (name: RegExp) => Number(name.exec(text)?.[1]);
  const [top, bulk] = [named(/lambdaMax: ([\d.e-]+)/), named(/bulk: ([\d.e-]+)/)].map(Math.sqrt);
  // The best momentum of the heavy ball for eigenvalues from bulk to lambdaMax (Polyak, 1964).
  close(named(/momentum: ([\d.e-]+)/), ((top - bulk) / (top + bulk)) ** 2);
}
