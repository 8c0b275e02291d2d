import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { tableFromArchive } from "./archive-rows.ts";
import { npy } from "./testing.ts";

const bytesOf = async (shape: readonly number[]) => {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Float64Array.from({ length: count }, (_, k) => k);
  return new Uint8Array(await npy(shape, values, "a.npy").arrayBuffer());
};

/** An array of NumPy's type `U1`. */
const text = new TextEncoder().encode(
  `${"?NUMPY??H?{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }".padEnd(81)}\na\0\0\0`,
);
text.set([0x93], 0);
text.set([1, 0, 72, 0], 6);

async function archive(
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array> = { "names.npy": text };
  for (const [name, shape] of Object.entries(shapes)) files[`${name}.npy`] = await bytesOf(shape);
  return Uint8Array.from(zipSync(files));
}

const split = { x_test: [3, 2, 2], y_test: [3], x_train: [5, 4], y_train: [5, 1], ids: [5] } as const;

test("takes the first array that fits, with what is called its labels, and leaves text aside", async () => {
  const bytes = await archive(split);
  const first = await tableFromArchive(bytes, { name: "d.npz", features: 4 });
  expect(first).toEqual({
    ...{ name: "d.npz", features: 4, values: Float64Array.from({ length: 12 }, (_, k) => k) },
    labels: Float64Array.of(0, 1, 2),
    archive: { rows: "x_test", rowArrays: ["x_test", "x_train"], labels: "y_test", labelArrays: ["y_test"] },
  });
  const other = await tableFromArchive(bytes, { name: "d.npz", rows: "x_train", features: 4 });
  expect(other.archive).toMatchObject({
    rows: "x_train",
    labels: "y_train",
    labelArrays: ["y_train", "ids"],
  });
  expect(other.labels).toHaveLength(5);
  const chosen = { name: "d.npz", rows: "x_train", labels: "ids", features: 4 };
  expect((await tableFromArchive(bytes, chosen)).archive.labels).toBe("ids");
  const none = await tableFromArchive(bytes, { ...chosen, labels: null });
  expect(none.labels).toBeUndefined();
  expect(none.archive.labelArrays).toEqual(["y_train", "ids"]);
});

test("takes no labels where several arrays may be them", async () => {
  const { labels, archive: taken } = await tableFromArchive(await archive({ x: [2, 3], a: [2], b: [2] }), {
    ...{ name: "d.npz", features: 3 },
  });
  expect(labels).toBeUndefined();
  expect(taken.labelArrays).toEqual(["a", "b"]);
});

test("says what an archive has where nothing fits", async () => {
  const given = { name: "d.npz", features: 7 };
  await expect(tableFromArchive(await archive({ x: [2, 3], scale: [] }), given)).rejects.toThrow(
    "d.npz: the model takes 7 numbers a row, but the file has x [2, 3], scale [], names of text",
  );
  await expect(tableFromArchive(await archive({}), given)).rejects.toThrow("but the file has names of text");
  await expect(tableFromArchive(text, given)).rejects.toThrow("d.npz must be a ZIP archive");
});
