import { workerRuntime } from "@gradus/graph/worker";
import { digitReader, loadDigits, trainDigits } from "./digits.ts";
import { showExamples } from "./examples.ts";
import { lossCurve } from "./loss-curve.ts";

const EPOCHS = 60;
const SEED = 1;

function find<T extends Element>(selector: string, kind: new () => T): T {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${selector}`);
}

const run = find("#run", HTMLButtonElement);
const stop = find("#stop", HTMLButtonElement);
const status = find("#status", HTMLElement);
const figures = {
  epoch: find("#epoch", HTMLElement),
  loss: find("#loss", HTMLElement),
  accuracy: find("#accuracy", HTMLElement),
};

// The network trains in a worker, so that the page goes on answering.
const runtime = workerRuntime();
const digits = await loadDigits({ seed: SEED });
const read = digitReader({ runtime });
const examples = showExamples(find("#examples", HTMLElement), digits.test);
const plot = {
  svg: find("#curve", SVGSVGElement),
  lossAxis: find("#loss-axis", HTMLElement),
  epochAxis: find("#epoch-axis", HTMLElement),
};
const draw = lossCurve(plot, { epochs: EPOCHS });

async function learn(signal: AbortSignal): Promise<void> {
  const losses: number[] = [];
  for await (const { epoch, loss, metrics, parameters } of trainDigits(digits, {
    seed: SEED,
    epochs: EPOCHS,
    runtime,
    signal,
  })) {
    if (epoch === 0) status.textContent = "Training";
    if (loss !== undefined) losses.push(loss);
    draw(losses);
    examples.answer(await read(parameters, examples.x));
    figures.epoch.textContent = `${epoch} of ${EPOCHS}`;
    figures.loss.textContent = loss?.toFixed(3) ?? "–";
    if (metrics) figures.accuracy.textContent = `${(100 * metrics.accuracy).toFixed(1)}%`;
  }
}

let controller = new AbortController();

run.addEventListener("click", async () => {
  controller = new AbortController();
  const { signal } = controller;
  stop.disabled = false;
  stop.focus();
  run.disabled = true;
  status.textContent = "Starting"; // the first time, this loads ONNX Runtime
  try {
    await learn(signal);
    status.textContent = "Done";
  } catch (error) {
    status.textContent = signal.aborted ? "Stopped" : `Failed: ${error}`;
  } finally {
    run.disabled = false;
    if (document.activeElement === stop) run.focus();
    stop.disabled = true;
  }
});

stop.addEventListener("click", () => controller.abort());

run.disabled = false;
status.textContent = "Ready";
