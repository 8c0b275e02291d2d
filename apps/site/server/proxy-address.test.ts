import { expect, test } from "vitest";
import { completeAddress, proxyAddress } from "./proxy-address.ts";

const FORWARDED = "x-forwarded-for";

/** What a header is once it is complete; undefined where a request has none. */
function completed(value: string | undefined, depth = 1, header = FORWARDED): unknown {
  const headers = value === undefined ? {} : { [header]: value };
  completeAddress(headers, "10.0.0.9", { header, depth });
  return headers[header];
}

test("the settings name a header and the number of proxies", () => {
  expect(proxyAddress({})).toBeUndefined();
  expect(proxyAddress({ ADDRESS_HEADER: "", XFF_DEPTH: "0" })).toBeUndefined();
  expect(proxyAddress({ ADDRESS_HEADER: "X-Forwarded-For" })).toEqual({ header: FORWARDED, depth: 1 });
  expect(proxyAddress({ ADDRESS_HEADER: "X-Real-IP", XFF_DEPTH: "2" })).toEqual({
    ...{ header: "x-real-ip", depth: 2 },
  });
  for (const XFF_DEPTH of ["0", "-1", "1.5", "two", ""])
    expect(() => proxyAddress({ ADDRESS_HEADER: "X-Forwarded-For", XFF_DEPTH }), XFF_DEPTH).toThrow(
      `XFF_DEPTH must be the number of proxies, an integer from 1 to 99, got "${XFF_DEPTH}"`,
    );
});

test("who comes through all proxies is known by what they wrote", () => {
  expect(completed("192.0.2.1")).toBe("192.0.2.1");
  expect(completed("198.51.100.7, 192.0.2.1")).toBe("198.51.100.7, 192.0.2.1");
  expect(completed("198.51.100.7, 192.0.2.1", 2)).toBe("198.51.100.7, 192.0.2.1");
  expect(completed("192.0.2.1", 3, "x-real-ip")).toBe("192.0.2.1");
});

test("who comes around all proxies is known by the connection, and around some by the others", () => {
  for (const value of [undefined, "", " "]) {
    expect(completed(value)).toBe("10.0.0.9");
    expect(completed(value, 3)).toBe("10.0.0.9,10.0.0.9,10.0.0.9");
    expect(completed(value, 3, "x-real-ip")).toBe("10.0.0.9");
  }
  // The handler reads the address third from the end.
  expect(completed("192.0.2.1, 10.0.0.2", 3)).toBe("192.0.2.1,192.0.2.1, 10.0.0.2");
});
