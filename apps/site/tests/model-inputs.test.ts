// The workbench of /model: what rows, inputs and outputs of a model can be chosen.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, cast, exportOnnx, f32, i64, matmul, mean, mul, reshape, sum } from "@gradus/graph";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pngBytes } from "../../cli/src/fixture/png.ts";
import { connectBrowser } from "./shared.ts";
import { alive, installed, visit } from "./visit.ts";
import { address, card, choose, expectInOrder, MILLISECONDS } from "./workbench-page.ts";

/** The product of rows and weights, times the sum of squares of an input of one dimension. */
const taps = () =>
  exportOnnx(
    ({ x, taps, w }) => ({ y: mul(matmul(x, w), sum(mul(taps, taps), { axes: 0 })) }),
    { x: f32("batch", 2), taps: f32(3) },
    { constants: { w: array(Float32Array.of(1, 10), [2, 1]) } },
  );

describe.skipIf(!installed)("the workbench (skipped without Chromium)", { timeout: MILLISECONDS }, () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await connectBrowser();
    folder = mkdtempSync(join(tmpdir(), "gradus-model-inputs-"));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("inputs without rows, rows along an axis that is chosen, one of several outputs", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    // Steps of two features along axis 0, rows along axis 1, which no name tells, and a rate for all of them.
    const several = exportOnnx(
      ({ x, rate, w, v }) => {
        const scaled = mul(mean(x, { axes: 0 }), cast(rate, "f32"));
        return { first: matmul(scaled, w), classes: matmul(scaled, v) };
      },
      { x: f32("steps", "n", 2), rate: i64() },
      {
        constants: {
          w: array(Float32Array.of(1, 10), [2, 1]),
          v: array(Float32Array.of(0, 1, 2, 2, 1, 0), [2, 3]),
        },
      },
    );
    await choose(page, "several.onnx", Buffer.from(several));
    const tried = card(page, "try");
    const sources = tried.getByRole("group", { name: "Inputs" });
    await sources.getByLabel("Size of n").waitFor();
    await sources.getByLabel("Rows of x are along").selectOption("axis 1, n");
    await sources.getByLabel("Size of steps").fill("2");
    await page.keyboard.press("Tab");
    await sources.getByLabel("Constant of rate").fill("3");
    await page.keyboard.press("Tab");
    const rows = Buffer.from("a,b,c,d,label\n1,2,3,4,0\n0,1,0,1,2\n");
    await tried
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles({ name: "rows.csv", mimeType: "text/csv", buffer: rows });
    // The means 2 and 3, times 3: 6 + 90.
    await tried.getByText("96").first().waitFor();
    await tried.getByLabel("Output").selectOption("classes [n, 3]");
    // Softmax of 18, 15 and 12, by hand.
    await tried.getByText("95%").first().waitFor();
    expect(await card(page, "tune").getByLabel("Loss").inputValue()).toBe("cross-entropy");
    const command = await card(page, "take").locator("code").first().textContent();
    expect(command).toContain("--constant rate=3 --batch-axis x=1 --output-name classes");
    await expectInOrder(page);
    const form = card(page, "tune");
    await form.getByLabel("Held-out rows, percent").fill("0");
    await form.getByLabel("Batch size").fill("2");
    await form.getByLabel("Epochs").fill("2");
    await form.getByRole("button", { name: "Tune" }).click();
    await form.getByText("2 epochs: loss").first().waitFor();
    await card(page, "explain").getByRole("button", { name: "Explain" }).click();
    await card(page, "explain").getByText("The 4 features that matter most").waitFor();
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("an input of one dimension takes a list, in the words of the command", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    const bounds = "../../../packages/graph/fixtures/bounds/bounds.onnx";
    await choose(page, "bounds.onnx", readFileSync(new URL(bounds, import.meta.url)));
    const refused = page.getByText("bounds.onnx cannot be differentiated");
    await refused.waitFor();
    const tried = card(page, "try");
    const sources = tried.getByRole("group", { name: "Inputs" });
    const give = async (name: string, text: string) => {
      await sources.getByLabel(`Constant of ${name}`).fill(text);
      await page.keyboard.press("Tab");
    };
    const taken = (text: string) =>
      card(page, "take").locator("code").first().getByText(text, { exact: false }).waitFor();
    await give("start", "2");
    await give("negate", "1");
    for (const [text, problem] of [
      ["5,6", "the constant for end must be a number or [1], got [2]"],
      ["0.5", "the constant for end must be a whole number, got 0.5"],
      ["5;", "the constant for end must be a number, such as 16000, or several, as 1,3,32,32, got “5;”"],
    ]) {
      await give("end", text);
      await sources.getByText(problem).waitFor();
    }
    await give("end", "5");
    const rows = Buffer.from("a,b,c,d,e,f\n0,1,2.25,3.25,4.25,5\n");
    await tried
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles({ name: "rows.csv", mimeType: "text/csv", buffer: rows });
    // The columns c, d and e, negated.
    await tried.getByText("−2.25, −3.25, −4.25").waitFor();
    expect(await refused.count()).toBe(0);
    expect(trouble).toEqual([]);
    await choose(page, "taps.onnx", Buffer.from(taps()));
    await give("taps", "1,2,-3");
    await taken("--constant taps=1,2,-3");
    await tried
      .getByLabel("CSV, .npy or .npz file with rows")
      .setInputFiles({ name: "rows.csv", mimeType: "text/csv", buffer: Buffer.from("a,b,y\n1,2,294\n") });
    // 1 + 20, times 1 + 4 + 9.
    await tried.getByText("294").first().waitFor();
    await expectInOrder(page);
    const form = card(page, "tune");
    await form.getByLabel("Loss").selectOption("squared");
    await form.getByLabel("Held-out rows, percent").fill("0");
    await form.getByLabel("Batch size").fill("1");
    await form.getByLabel("Epochs").fill("1");
    await form.getByRole("button", { name: "Tune" }).click();
    await form.getByText("1 epoch: loss 0").first().waitFor();
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("rows are the images of a folder with a folder for each class", async () => {
    const { page, trouble } = await visit(browser, address);
    await alive(page);
    const model = exportOnnx(
      ({ x, w }) => ({ logits: matmul(reshape(mean(x, { axes: [2, 3] }), ["batch", 3]), w) }),
      { x: f32("batch", 3, 8, 8) },
      { constants: { w: array(Float32Array.of(1, 0, 0, 0, 0, 0), [3, 2]) } },
    );
    await choose(page, "colors.onnx", Buffer.from(model));
    const pets = join(folder, "colors");
    for (const [name, color] of [
      ["red", [255, 0, 0]],
      ["green", [0, 255, 0]],
    ] as const) {
      mkdirSync(join(pets, name), { recursive: true });
      for (let k = 0; k < 3; k++)
        writeFileSync(
          join(pets, name, `${k}.png`),
          pngBytes(16, 12, () => [...color]),
        );
    }
    const tried = card(page, "try");
    await tried.getByLabel("Folder of images").setInputFiles(pets);
    await tried.getByText("6 rows").waitFor();
    // Classes are in the order of their names; the first row is green, of which the model sees no red.
    await tried.getByText("Label green").waitFor();
    const picture = tried.getByRole("img", { name: "Row 1 as a picture" });
    const color = () =>
      picture.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
        // The page's own canvas is written only: the browser warns where one is read often.
        const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
        copy?.drawImage(canvas, -4, -4);
        return Array.from(copy?.getImageData(0, 0, 1, 1).data ?? []);
      });
    await expect.poll(color).toEqual([0, 255, 0, 255]);
    await tried.getByLabel("Pixels as").selectOption("−1 to 1");
    await tried.getByText("Label green").waitFor();
    await expect.poll(color).toEqual([0, 255, 0, 255]);
    const command = await card(page, "take").locator("code").first().textContent();
    expect(command).toContain("--data colors --mean 0.5 --std 0.5 --loss cross-entropy");
    await expectInOrder(page);
    const form = card(page, "tune");
    await form.getByLabel("Held-out rows, percent").fill("0");
    await form.getByLabel("Batch size").fill("6");
    await form.getByLabel("Learning rate").fill("0.1");
    await form.getByRole("button", { name: "Tune" }).click();
    await form.getByText("20 epochs: loss").first().waitFor();
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});
