import { type ImportedModel, inspectModel as inspect, type ModelInspection } from "@gradus/graph";
import { parameterModules, sharingModules } from "gradus/models";
import { exitStatus } from "../errors.ts";
import type { Host } from "../host.ts";
import { importModelFile, orSourceError } from "../model/model-file.ts";
import { json } from "../results/json.ts";
import { writeLines } from "../terminal/output.ts";
import { layoutTable } from "../terminal/table.ts";
import { stack, wrap } from "../terminal/text.ts";

export interface InspectOptions {
  readonly json?: boolean;
}

/** Parameters shown in a terminal; JSON has all. */
const MOST_PARAMETERS = 40;

const typeNames = { f32: "float32", f64: "float64", i64: "int64", bool: "Boolean" } as const;

const typeOf = ({ dtype, shape }: Pick<ModelInspection["inputs"][number], "dtype" | "shape">) =>
  `${typeNames[dtype]}[${shape.join(", ")}]`;

/** What a run costs, in products: a named dimension counts as 1. */
function cost(inputs: ModelInspection["inputs"], operations: number): string {
  const names = new Set(inputs.flatMap(({ shape }) => shape.filter((d) => typeof d === "string")));
  const at = names.size === 0 ? "" : ` with ${[...names].map((name) => `${name} = 1`).join(", ")}`;
  return `A run${at} takes ${operations.toLocaleString("en-US")} multiplications and additions in matrix products and convolutions.`;
}

/** What shared parameters mean. */
const SHARED = "What several modules share is one tensor, which is trained as one.";

/** Where parameters are in the model that was exported. */
interface Places {
  readonly of: (parameter: string) => string;
  /** Whether some are shared. */
  readonly shared: boolean;
}

function placesOf(model: ImportedModel): Places {
  const sharing = (name: string) => sharingModules(model, name);
  return {
    of: (name) => {
      const [shared, own] = [sharing(name), parameterModules(model, name)];
      if (shared.length > 0) return `shared by ${shared.join(", ")}`;
      return own.length === 0 ? "" : `in ${own.join(", ")}`;
    },
    shared: Object.keys(model.parameters).some((name) => sharing(name).length > 0),
  };
}

function lines(
  file: string,
  shown: ModelInspection,
  places: Places,
  { columns: width, palette }: Host["out"],
): string[] {
  const { producer, opset, inputs, outputs, parameters, operators, operations } = shown;
  const total = parameters.reduce((sum, { numbers }) => sum + numbers, 0);
  const most = parameters.slice(0, MOST_PARAMETERS);
  const left = parameters.length - most.length;
  const open = inputs.some(({ shape }) => shape.some((d) => typeof d === "string"));
  const trainable = parameters.some(({ frozen, shape }) => !frozen && shape.length > 0);
  const heading = (text: string) => wrap(text, width).map(palette.strong);
  const counts = Object.entries(operators).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  const made = producer === "" ? "" : `, made by ${producer}`;
  return stack([
    [...heading(file), ...wrap(`operator set ${opset}${made}`, width).map(palette.muted)],
    [
      ...heading("Inputs and outputs"),
      ...layoutTable(
        [
          { header: "name", align: "left" },
          { header: "type", align: "left" },
        ],
        [
          ...inputs.map((input) => [{ text: input.name }, { text: typeOf(input) }]),
          ...outputs.map((name) => [{ text: name }, { text: "output" }]),
        ],
        { width, header: palette.muted },
      ),
    ],
    [
      ...heading(`Parameters: ${parameters.length} tensors, ${total.toLocaleString("en-US")} numbers`),
      ...layoutTable(
        [
          { header: "name", align: "left" },
          { header: "type", align: "left" },
          { header: "numbers", align: "right" },
          { header: "", align: "left" },
        ],
        most.map((one) => [
          { text: one.name },
          { text: typeOf(one) },
          { text: one.numbers.toLocaleString("en-US") },
          { text: one.updated ? "updated by batches" : one.frozen ? "not trained" : places.of(one.name) },
        ]),
        { width, header: palette.muted },
      ),
      ...(left > 0 ? wrap(`… ${left} more; --json prints all`, width).map(palette.muted) : []),
      ...(places.shared ? wrap(SHARED, width).map(palette.muted) : []),
    ],
    [
      ...heading("Operators"),
      ...wrap(counts.map(([name, count]) => `${name} ${count}`).join(", "), width),
      ...(operations === null ? [] : wrap(cost(inputs, operations), width)),
      ...wrap(
        shown.obstacle === null
          ? trainable
            ? "The model can be differentiated, trained and exported again."
            : "The model can be differentiated and exported again. It has no parameters to train."
          : open
            ? `Commands that read data give the model the sizes of these. With the sizes that the file leaves open it cannot be differentiated: ${shown.obstacle}`
            : `With the dimensions of the file the model cannot be used yet: ${shown.obstacle}`,
        width,
      ),
    ],
  ]);
}

/** `gradus model inspect`. Returns the exit status. */
export async function inspectModel(host: Host, file: string, options: InspectOptions): Promise<number> {
  const { model } = await importModelFile(file);
  const shown = orSourceError(file, () => inspect(model));
  if (options.json) host.out.write(json({ file, ...shown }));
  else writeLines(host.out, lines(file, shown, placesOf(model), host.out));
  return exitStatus.success;
}
