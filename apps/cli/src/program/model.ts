import type { Command } from "commander";
import type { InspectOptions } from "../commands/model.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { jsonOption } from "./options.ts";

export function defineModel(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("model")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("look into an ONNX model")
    .description(
      "Reads ONNX models, such as those that PyTorch exports. Tensors in other files are read from the model's own folder.",
    );
  addExamples(command, host, ["model inspect digits.onnx", "model inspect digits.onnx --json"]);

  command
    .command("inspect")
    .description(
      "show inputs, outputs, parameters and operators, and whether the model can be differentiated and trained",
    )
    .argument("<model>", "ONNX file")
    .addOption(jsonOption("print what is shown"))
    .action((file: string, options: InspectOptions) =>
      run(async () => (await import("../commands/model.ts")).inspectModel(host, file, options)),
    );
}
