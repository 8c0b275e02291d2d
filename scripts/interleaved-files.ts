// The order of test files: those that compute beside those that wait, so that neither the cores nor the workers idle.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Merges lists in proportion: each keeps its order, and is spread over the whole. */
export function interleave<Item>(lists: readonly (readonly Item[])[]): Item[] {
  return lists
    .flatMap((list) => list.map((item, i) => ({ item, at: (i + 0.5) / list.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Interleaves the files of projects; those that share processes come last, in short files that end together. */
export default class InterleavedFiles extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const alone = sorted.filter(({ project }) => project.config.isolate);
    const byProject = Map.groupBy(alone, ({ project }) => project.name);
    return [
      ...interleave([...byProject.values()]),
      ...sorted.filter(({ project }) => !project.config.isolate),
    ];
  }
}
