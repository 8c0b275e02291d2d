// One changelog of the repository, with a part for each package under each release.

import { ReleaseError } from "./release-error.ts";
export interface Release {
  readonly version: string;
  /** What stands behind the version: its date, or "unreleased". */
  readonly date: string;
  /** Texts by package. */
  readonly packages: ReadonlyMap<string, string>;
}

function sections(text: string, level: string): [title: string, body: string][] {
  const [, ...parts] = `\n${text}`.split(`\n${level} `);
  return parts.map((part) => {
    const [title] = part.split("\n", 1);
    return [title.trim(), part.slice(title.length).trim()];
  });
}

/** The releases of a changelog, the latest first. @throws ReleaseError for a release whose title is not "version (date)" */
export function readChangelog(text: string): Release[] {
  return sections(text, "##").map(([title, body]) => {
    const [, version, date] = /^(\d+\.\d+\.\d+) \((unreleased|\d{4}-\d{2}-\d{2})\)$/.exec(title) ?? [];
    if (!version)
      throw new ReleaseError(
        `CHANGELOG.md: a release is titled "1.2.3 (unreleased)" or "1.2.3 (2026-01-31)", got "${title}"`,
      );
    return { version, date, packages: new Map(sections(body, "###")) };
  });
}

/** The changelog that is published with a package: its own parts. */
export function packageChangelog(releases: readonly Release[], name: string): string {
  const parts = releases.flatMap(({ version, date, packages }) => {
    const changes = packages.get(name);
    return changes === undefined ? [] : [`## ${version} (${date})\n\n${changes.replace(/^####/gm, "###")}\n`];
  });
  return [`# Changelog of ${name}\n`, ...parts].join("\n");
}
