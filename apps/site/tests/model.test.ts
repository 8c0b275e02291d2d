// The workbench of /model: the sample and damaged files, a drawing, tuning, stop, spectrum, explanations, download.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { add, array, cast, exportOnnx, f32, i64, matmul, mean } from "@gradus/graph";
import { zipSync } from "fflate";
import { loadDataset } from "gradus/data";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser } from "./shared.ts";
import { violations } from "./violations.ts";
import { alive, fits, installed, visit } from "./visit.ts";
import { address, card, choose, expectInOrder, MILLISECONDS } from "./workbench-page.ts";

const sample = readFileSync(new URL("../src/lib/workbench/sample/digits-cnn.onnx", import.meta.url));
const transformer = readFileSync(
  new URL("../../../packages/graph/fixtures/pytorch/transformer.onnx", import.meta.url),
);

/** Draws strokes between points of the pad, in shares of its side. */
async function draw(page: Page, pad: Locator, points: readonly (readonly [number, number])[]): Promise<void> {
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error("the pad is not on the page");
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 5 });
  await page.mouse.up();
}

/** A file of NumPy's `save`, of doubles. */
function npy(shape: readonly number[], values: Float64Array): Buffer {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join("")})}\n`;
  const magic = [0x93, ...Buffer.from("NUMPY"), 1, 0, header.length % 256, header.length >> 8];
  const { buffer, byteOffset, byteLength } = values;
  return Buffer.concat([
    Buffer.from(magic),
    Buffer.from(header),
    new Uint8Array(buffer, byteOffset, byteLength),
  ]);
}

const SEVEN = [
  [0.25, 0.15],
  [0.7, 0.15],
  [0.6, 0.45],
  [0.42, 0.85],
] as const;

/** The share of the digits that a file recognizes, by ONNX Runtime without gradus. */
async function accuracyOf(file: string): Promise<number> {
  const { x, y } = await loadDataset("digits");
  const session = await InferenceSession.create(file);
  const { logits } = await session.run({
    image: new Tensor("float32", Float32Array.from(x.values), [x.rows, 1, 8, 8]),
  });
  const scores = Array.from(logits.data, Number);
  const right = y.filter((label, i) => {
    const row = scores.slice(10 * i, 10 * i + 10);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / x.rows;
}

describe.skipIf(!installed)("the workbench (skipped without Chromium)", { timeout: MILLISECONDS }, () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await connectBrowser();
    folder = mkdtempSync(join(tmpdir(), "gradus-model-"));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("the sample is drawn, run, tuned, measured, explained and downloaded", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    await page.getByRole("button", { name: "Try a sample" }).click();
    await page.getByText("3,818 parameters, all trainable").waitFor();
    await card(page, "graph").getByText("Conv 3 × 3, 16").first().waitFor();
    await card(page, "weights")
      .getByRole("img", { name: /^Distribution of head.weights/ })
      .waitFor();

    const tried = card(page, "try");
    await draw(page, tried.getByRole("application"), SEVEN);
    await expect.poll(() => tried.locator("tr.best th").textContent()).toBe("7");
    await tried.getByLabel("This is").selectOption("7");
    await tried.getByRole("button", { name: "Add to the rows" }).click();

    const tuning = card(page, "tune");
    await tuning.getByText("and 1 drawn").waitFor();
    await card(page, "take").getByText("rows.csv stands for a CSV file of your rows").waitFor();
    await tuning.getByLabel("Rows", { exact: true }).selectOption("digits");
    await tuning.getByText("1,797 rows").waitFor();
    await tuning.getByLabel("Epochs").fill("many");
    await tuning.getByText("must be a whole number from 1 to 10,000, got “many”").waitFor();
    expect(await tuning.getByRole("button", { name: "Tune" }).isDisabled()).toBe(true);
    await tuning.getByLabel("Epochs").fill("10000");
    await tuning.getByRole("button", { name: "Tune" }).click();
    await tuning.getByText(/^Epoch (?:[5-9]|\d{2,}) of 10000: accuracy/).waitFor();
    await tuning.getByRole("button", { name: "Stop" }).click();
    // On a busy machine an epoch takes several calls: then the sentence names the batch.
    await tuning
      .getByText(/Stopped early(?:, after epoch \d+, batch [\d,]+ of [\d,]+)?\./)
      .first()
      .waitFor();
    await tuning.getByRole("img").first().waitFor();
    const [, after, before] =
      /accuracy ([\d.]+) on 360 held-out rows \(([\d.]+) before\)/.exec((await tuning.textContent()) ?? "") ??
      [];
    expect(Number(after)).toBeGreaterThan(Number(before));

    await page.getByText(/[\d.]+ MB of memory in use/).waitFor();

    const explained = card(page, "explain");
    await tried.getByText("Rows", { exact: true }).first().click();
    await tried.getByText("Label 0").waitFor();
    await explained.getByRole("button", { name: "Explain" }).click();
    await explained.getByRole("img", { name: /^LIME: blue/ }).waitFor();
    expect(await explained.getByRole("img").count()).toBe(8);
    const curvature = card(page, "curvature");
    await curvature.getByRole("button", { name: "Spectrum" }).click();
    await curvature.getByText("stable learning rate, all rows").waitFor();
    expect(await curvature.textContent()).toMatch(/at most 0\.\d+/);

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      card(page, "take").getByRole("button", { name: "Download digits-cnn-tuned.onnx" }).click(),
    ]);
    const tuned = join(folder, "tuned.onnx");
    await download.saveAs(tuned);
    const original = join(folder, "original.onnx");
    writeFileSync(original, sample);
    expect(await accuracyOf(tuned)).toBeGreaterThan(await accuracyOf(original));

    // The seven is none of two classes.
    await tuning.getByRole("button", { name: "Forget" }).click();
    // Rows and labels of .npy files, and a last layer for two classes in place of ten.
    const { x, y } = await loadDataset("digits");
    const parity = npy(
      [300],
      Float64Array.from(y.subarray(0, 300), (digit) => digit % 2),
    );
    const file = (name: string, buffer: Buffer) => ({ name, mimeType: "application/octet-stream", buffer });
    await tuning
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles(file("x.npy", npy([300, 64], x.values.subarray(0, 64 * 300))));
    await tuning.getByText("300 rows, without labels").waitFor();
    await tuning.getByLabel("Labels, an .npy file").setInputFiles(file("parity.npy", parity));
    await tuning.getByLabel("Labels: parity.npy").waitFor();
    await tuning.getByLabel("New last layer, outputs").fill("0");
    await tuning.getByText("must be a whole number from 1 to 10,000, got “0”").waitFor();
    await tuning.getByLabel("New last layer, outputs").fill("2");
    await tuning.getByLabel("Epochs").fill("5");
    await tuning.getByRole("button", { name: "Tune" }).click();
    await page.getByText("1,762 parameters, all trainable").waitFor();
    await expect.poll(() => tried.locator("tbody tr").count()).toBe(2);
    await card(page, "take").getByText("--data x.npy --target parity.npy").waitFor();

    // Both in an archive, with arrays to choose from.
    const digits = npy([300], Float64Array.from(y.subarray(0, 300)));
    const arrays = { "x.npy": npy([300, 64], x.values.subarray(0, 64 * 300)), "digits.npy": digits };
    await tuning
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles(file("d.npz", Buffer.from(zipSync({ ...arrays, "parity.npy": parity }))));
    await card(page, "take").getByText("--data d.npz:x --target d.npz:digits").waitFor();
    await tuning.getByLabel("Array of labels").selectOption("parity");
    await card(page, "take").getByText("--data d.npz:x --target d.npz:parity").waitFor();
    await tuning.getByText("300 rows", { exact: true }).waitFor();

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
    }
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await fits(page), `${width} px`).toBe(true);
    }
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("files that cannot be opened, imported or read as rows say why beside them", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    await choose(page, "damaged.onnx", sample.subarray(0, 5000));
    const alert = page.getByRole("alert");
    await alert.getByText("damaged.onnx cannot be opened").waitFor();
    expect(await alert.textContent()).toMatch(/not an ONNX model/);

    // Two inputs: columns of a row for one, the same number in every row for the other.
    const rows = { name: "rows.csv", mimeType: "text/csv", buffer: Buffer.from("a,b,label\n1,2,0\n") };
    const pair = exportOnnx(
      ({ a, kind, weights }) => ({ y: add(matmul(a, weights), cast(kind, "f32")) }),
      { a: f32("batch", 2), kind: i64("batch", 1) },
      { constants: { weights: array(Float32Array.of(1, 10), [2, 1]) } },
    );
    await choose(page, "pair.onnx", Buffer.from(pair));
    const tried = card(page, "try");
    const sources = tried.getByRole("group", { name: "Inputs" });
    await sources.getByLabel("kind 1, whole").selectOption("a constant");
    await sources.getByLabel("Constant of kind").fill("0.5");
    await page.keyboard.press("Tab");
    await sources.getByText("the constant for kind must be a whole number, got 0.5").waitFor();
    await sources.getByLabel("Constant of kind").fill("4");
    await page.keyboard.press("Tab");
    await sources.getByText("one after another").waitFor();
    await tried.getByLabel("CSV, .npy or .npz file with rows").setInputFiles(rows);
    await tried.getByText("25").first().waitFor();
    await expectInOrder(page);
    expect(await tried.getByLabel("First line").count()).toBe(0);

    // The names that pandas writes for columns without any may be a row.
    const pandas = Buffer.from("0;1;2\n1,5;2;0\n");
    await tried
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles({ name: "pandas.csv", mimeType: "text/csv", buffer: pandas });
    await tried.getByText("1 row; semicolons between cells, decimal commas").waitFor();
    await card(page, "take").getByText("--data pandas.csv --target 2 --header yes").waitFor();
    await tried.getByLabel("First line").selectOption("a row");
    await tried.getByText("2 rows; semicolons").waitFor();
    await card(page, "take").getByText("--data pandas.csv --target 3 --header no").waitFor();
    expect(await violations(page)).toEqual([]);

    // A row of open size, along another axis than the first, read from columns by name of a table with more of them.
    const series = exportOnnx(
      ({ x, weights }) => ({ y: mean(matmul(x, weights), { axes: 0 }) }),
      { x: f32("time", "batch", 1) },
      { constants: { weights: array(Float32Array.of(10), [1, 1]) } },
    );
    await choose(page, "series.onnx", Buffer.from(series));
    await sources.getByText("The file leaves these sizes open").waitFor();
    await sources.getByLabel("Size of time").fill("0");
    await page.keyboard.press("Tab");
    await sources.getByText("time must be a whole number from 1, got 0").waitFor();
    await sources.getByLabel("Size of time").fill("2");
    await page.keyboard.press("Tab");
    const wide = Buffer.from("id,noon,morning,night,label\none,1,2,4,0\n");
    await tried
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles({ name: "wide.csv", mimeType: "text/csv", buffer: wide });
    await page.getByText("choose the columns of each input by name").first().waitFor();
    await sources.getByLabel("x 2 × 1").selectOption("columns by name");
    await sources.getByLabel("Columns of x").fill("night, dawn");
    await page.keyboard.press("Tab");
    await sources.getByText("wide.csv has no column “dawn”; its columns are id, noon").waitFor();
    expect(await sources.getByLabel("Columns of x").getAttribute("aria-invalid")).toBe("true");
    expect(await tried.getByLabel("Rows", { exact: true }).getAttribute("aria-invalid")).toBeNull();
    await tried.getByText("not read: the inputs name columns that the file does not have").waitFor();
    await card(page, "take").getByText("--data wide.csv --target label").waitFor();
    await card(page, "take").getByText("without columns by name").waitFor();
    expect(await violations(page)).toEqual([]);
    await sources.getByLabel("Columns of x").fill("morning .. night");
    await page.keyboard.press("Tab");
    await tried.getByText("30").first().waitFor();
    await expectInOrder(page);

    const renamed = Buffer.from(sample.toString("latin1").replaceAll("Gemm", "Gimm"), "latin1");
    await choose(page, "foreign.onnx", renamed);
    await alert.getByText("foreign.onnx cannot be differentiated or tuned").waitFor();
    expect(await alert.textContent()).toContain("operators that are not supported: Gimm (Gimm_18)");
    await card(page, "graph").getByText("not supported").first().waitFor();

    await choose(page, "transformer.onnx", transformer);
    await page.getByText("pytorch, opset 17").waitFor();
    expect(await alert.count()).toBe(0);
    await card(page, "try").getByLabel("CSV, .npy or .npz file with rows").setInputFiles(rows);
    await page
      .getByText("rows.csv: the model takes 40 numbers a row, but the file has 2 columns beside “label”")
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("weights in a file beside the model are asked for, and read with it", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    const alert = page.getByRole("alert");
    const linear = ["linear.onnx", "linear.onnx.data"].map((name) =>
      fileURLToPath(new URL(`../src/lib/workbench/session/fixtures/${name}`, import.meta.url)),
    );
    await page.getByLabel("ONNX file").setInputFiles(linear[0]);
    await alert.getByText("its weights are in linear.onnx.data: choose linear.onnx and that file").waitFor();
    await expectInOrder(page);
    await page.getByLabel("ONNX file").setInputFiles(linear);
    await page.getByText("8 parameters, all trainable").waitFor();
    expect(await alert.count()).toBe(0);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a model that learns nothing from its rows is told so, with what is of unusual size in them", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    const line = exportOnnx(
      ({ x, w }) => ({ y: matmul(x, w) }),
      { x: f32("batch", 2) },
      { constants: { w: array(new Float32Array(2), [2, 1]) } },
    );
    await choose(page, "line.onnx", Buffer.from(line));
    const tuning = card(page, "tune");
    const rows = Buffer.from(`a,b,y\n${"1,300,1e6\n-1,300,-1e6\n".repeat(8)}`);
    await tuning
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles({ name: "rows.csv", mimeType: "text/csv", buffer: rows });
    await tuning.getByLabel("Label column").selectOption("y");
    await tuning.getByText("16 rows").waitFor();
    await tuning.getByLabel("Loss").selectOption("squared");
    await tuning.getByLabel("Held-out rows, percent").fill("0");
    await tuning.getByLabel("Epochs").fill("1");
    // Fewer rows than the usual batch of 32.
    expect(await tuning.getByLabel("Batch size").inputValue()).toBe("");
    await tuning.getByRole("button", { name: "Tune" }).click();
    const words =
      "The model is no better than the same prediction for every row: a loss of 1e12 against 1e12. Inputs have unusual root mean squares: column 2 of x 300. Standardize these columns in the file. The target’s standard deviation is 1e6: divide the target by it.";
    await tuning.getByText(words, { exact: true }).waitFor();
    await expect
      .poll(() => tuning.getByRole("status").allTextContents())
      .toContain(`1 epoch: loss 1e12. ${words}`);
    await expectInOrder(page);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("by the keyboard alone, and without network once it was there", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    await page.getByRole("button", { name: "Try a sample" }).focus();
    await page.keyboard.press("Enter");
    const diagram = page.getByRole("region", { name: /^Diagram of the graph/ });
    await diagram.focus();
    const width = async () => Number(await diagram.locator("svg").first().getAttribute("width"));
    const first = await width();
    await page.keyboard.press("+");
    await expect.poll(width).toBeGreaterThan(first);
    await page.keyboard.press("0");
    await expect.poll(width).toBeLessThan(first);
    await page.getByText("As a list").focus();
    await page.keyboard.press("Enter");
    await page.getByText("reads 7 Reshape").waitFor();

    const pad = page.getByRole("application");
    await pad.focus();
    await page.keyboard.press("Space");
    for (let step = 0; step < 3; step++) await page.keyboard.press("Shift+ArrowDown");
    await card(page, "try").locator("tr.best").waitFor();

    const kept = () =>
      page.evaluate(async () => {
        const names = (await caches.keys()).filter((name) => name.startsWith("gradus-"));
        const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return requests.flat().map(({ url }) => new URL(url).pathname);
      });
    for (const file of [/^\/model$/, /workbench\.worker/, /digits-cnn/, /\.wasm$/])
      await expect
        .poll(async () => (await kept()).some((path) => file.test(path)), { timeout: MILLISECONDS })
        .toBe(true);
    expect(trouble).toEqual([]);
    await page.context().setOffline(true);
    await page.goto(address.href);
    await page.getByRole("button", { name: "Try a sample" }).click();
    await card(page, "weights").getByRole("img").waitFor();
    await draw(page, page.getByRole("application"), SEVEN);
    await expect.poll(() => card(page, "try").locator("tr.best th").textContent()).toBe("7");
    await page.context().close();
  });

  test("without scripts it says how to do the same on the command line", async () => {
    const { page } = await visit(browser, address, { javaScriptEnabled: false });
    const words = await page.locator("noscript").textContent();
    expect(words).toContain("The workbench requires JavaScript.");
    expect(words).toContain("npx gradus model inspect model.onnx");
    expect(await page.getByRole("button", { name: "Choose a file" }).isDisabled()).toBe(true);
    await page.context().close();
  });
});
