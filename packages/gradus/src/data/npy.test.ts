import { expect, test } from "vitest";
import { parseNpy } from "./npy.ts";

/** A file as np.save of NumPy 2.2 writes it: the header is padded to 128 bytes; the numbers' bytes in base64. */
function saved(header: string, numbers: string): Uint8Array {
  const start = `?NUMPY\x01\x00\x76\x00${header.padEnd(117)}\n`;
  const bytes = Uint8Array.from(start + atob(numbers), (letter) => letter.charCodeAt(0));
  bytes[0] = 0x93;
  return bytes;
}

const floats = saved(
  "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
  "AADAPwAAAEAAAEBAAACAQAAAoEAAAMDA",
);
const columns = saved("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }", "AAEABAACAAUAAwAG");
const notFinite = saved(
  "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
  "AAAAAAAA8D8AAAAAAAD4fw==",
);
const complex = saved(
  "{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }",
  "AAAAAAAAAAAAAAAAAADwPw==",
);

test("reads what NumPy saves: float32 in row order, big-endian int16 in column order", () => {
  expect(parseNpy(floats)).toEqual({ shape: [2, 3], values: Float64Array.of(1.5, 2, 3, 4, 5, -6) });
  expect(parseNpy(columns)).toEqual({ shape: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 6) });
});

test("reads NumPy's float16, of either byte order", () => {
  // np.array([1.5, -2, 65504, 2 ** -24]), by struct.pack("e").
  const half = saved("{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }", "AD4AwP97AQA=");
  const big = saved("{'descr': '>f2', 'fortran_order': False, 'shape': (4,), }", "PgDAAHv/AAE=");
  for (const file of [half, big])
    expect(parseNpy(file).values).toEqual(Float64Array.of(1.5, -2, 65504, 2 ** -24));
});

test("refuses integers that float64 would round, and reads those that it holds", () => {
  const bytes = (values: BigInt64Array | BigUint64Array) =>
    btoa(String.fromCharCode(...new Uint8Array(values.buffer)));
  const header = (type: string) => `{'descr': '<${type}', 'fortran_order': False, 'shape': (2,), }`;
  const large = [2n ** 53n, -(2n ** 62n)];
  expect(parseNpy(saved(header("i8"), bytes(BigInt64Array.from(large)))).values).toEqual(
    Float64Array.of(2 ** 53, -(2 ** 62)),
  );
  const message =
    "ids.npy: the integer at [1] is not exact in float64, beyond 2^53; number classes by np.unique";
  for (const file of [
    saved(header("i8"), bytes(BigInt64Array.of(1n, -(2n ** 53n) - 1n))),
    saved(header("u8"), bytes(BigUint64Array.of(1n, 2n ** 64n - 1n))),
  ])
    expect(() => parseNpy(file, { name: "ids.npy" })).toThrow(message);
});

test("reads a view into a larger buffer", () => {
  const larger = new Uint8Array(floats.length + 3);
  larger.set(floats, 3);
  expect(parseNpy(larger.subarray(3)).shape).toEqual([2, 3]);
});

test("names what is wrong with a file", () => {
  expect(() => parseNpy(notFinite, { name: "u.npy" })).toThrow(
    "u.npy: the number at [1] must be finite, got NaN",
  );
  expect(() => parseNpy(floats.subarray(0, 140))).toThrow(
    "NPY: shape 2 x 3 needs 152 bytes in total, got 140",
  );
  expect(() => parseNpy(new Uint8Array(20))).toThrow("must begin with the bytes 93 4e 55 4d 50 59");
  expect(() => parseNpy(complex)).toThrow("got '<c16'; save .real and .imag apart");
  for (const type of ["<U5", "|S3", "|O"])
    expect(() =>
      parseNpy(saved(`{'descr': '${type}', 'fortran_order': False, 'shape': (2,), }`, "")),
    ).toThrow(
      `got '${type}'; number classes by np.unique(a, return_inverse=True)[1], or convert numbers with .astype("float64")`,
    );
});
