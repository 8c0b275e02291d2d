// Writes the compiled modules of src/wasm. `npm run build -w @gradus/blas`
import { writeFile } from "node:fs/promises";
import { builds, families, generatedFile, generatedText } from "./compile.ts";

for (const family of families)
  for (const build of builds) {
    const text = await generatedText(family, build);
    await writeFile(generatedFile(family, build), text);
    console.log(`${family} (${build}): ${Math.round(text.length / 100) / 10} kB`);
  }
