// What became of a run of tests: written by the reporter, read by `npm test`, which tries files again.

/** The projects whose files are tried again: servers, browsers and mail take part, and a machine in use delays them. */
const TRIED_AGAIN = new Set(["process", "site"]);
/** More files than this do not fail by chance. */
const MOST_FILES = 10;

const none = { passed: 0, failed: 0, skipped: 0 };

/** How many tests of a file passed, failed and were skipped; a file that could not be collected counts as one failure. */
function countsOf(module) {
  const counts = { ...none };
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === "passed" || state === "failed") counts[state] += 1;
    else counts.skipped += 1;
  }
  if (counts.failed === 0 && module.state() === "failed") counts.failed = 1;
  return counts;
}

const sum = (all) =>
  all.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
    }),
    none,
  );

/** The outcome of a run of Vitest: errors outside of tests belong to no file. */
export function outcomeOf(modules, unhandledErrors) {
  const files = modules.map((module) => ({
    file: module.relativeModuleId,
    project: module.project.name,
    counts: countsOf(module),
    failures: [...module.children.allTests()]
      .filter((test) => test.result().state === "failed")
      .map((test) => test.fullName),
  }));
  return { files, elsewhere: unhandledErrors.length };
}

/** The files that failed, where another try can tell whether chance failed them; none where something else failed too. */
export function filesToTryAgain({ files, elsewhere }) {
  const failed = files.filter(({ counts }) => counts.failed > 0);
  const byChance = failed.every(({ project }) => TRIED_AGAIN.has(project)) && failed.length <= MOST_FILES;
  return byChance && elsewhere === 0 ? failed.map(({ file }) => file) : [];
}

/** The outcome of a run of which some files were tried again. */
export function withSecondTry(first, second) {
  const again = new Map(second.files.map((file) => [file.file, file]));
  return {
    files: first.files.map((file) => again.get(file.file) ?? file),
    elsewhere: first.elsewhere + second.elsewhere,
  };
}

/** Names the tests of files that failed first and passed when the files were tried again. */
export function passedLater(first, second) {
  return second.files
    .filter(({ counts }) => counts.failed === 0)
    .flatMap(({ file }) => {
      const failures = first.files.find((each) => each.file === file)?.failures ?? [];
      return failures.length > 0 ? failures.map((name) => `${file}: ${name}`) : [file];
    });
}

/** The last line of a run. */
export function closingLine({ files, elsewhere }) {
  const { passed, failed, skipped } = sum(files.map(({ counts }) => counts));
  return `${passed} passed, ${failed + elsewhere} failed, ${skipped} skipped`;
}
