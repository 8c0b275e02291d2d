import { expect, test } from "vitest";
import { maskedAddress } from "./preferences.ts";

test.each([
  ["reader@research.example", "r•••@r•••.example"],
  ["é@x.co.uk", "é•••@x•••.uk"],
])("%s is shown as %s", (address, shown) => expect(maskedAddress(address)).toBe(shown));
