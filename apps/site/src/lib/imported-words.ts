import { countLabel } from "./days.ts";

/** What an import of an account brought. */
export interface Imported {
  /** What the account did not have before. */
  readonly votes: number;
  readonly saved: number;
  readonly read: number;
  readonly followed: number;
  /** Entries of the file that it had. */
  readonly known: number;
  /** Papers of the file that are not here. */
  readonly unknown: number;
  /** Searches that are too long, or more than an account follows. */
  readonly refused: number;
}

/** What an import of an account added, what was there, and what was left out. */
export function importedWords({ votes, saved, read, followed, known, unknown, refused }: Imported): string {
  const added = [
    votes > 0 && countLabel(votes, "vote"),
    saved > 0 && countLabel(saved, "saved paper"),
    read > 0 && countLabel(read, "read mark"),
    followed > 0 && (followed === 1 ? "1 followed search" : `${followed} followed searches`),
  ].filter((part) => part !== false);
  const sentences = [
    added.length > 0
      ? `Imported ${added.length > 1 ? `${added.slice(0, -1).join(", ")} and ` : ""}${added[added.length - 1]}.`
      : "Nothing new was imported.",
  ];
  if (known > 0) sentences.push(`${known === 1 ? "1 entry was" : `${known} entries were`} already here.`);
  if (unknown > 0)
    sentences.push(
      `${countLabel(unknown, "paper")} in the file ${unknown === 1 ? "is" : "are"} not on this site.`,
    );
  if (refused > 0)
    sentences.push(
      `${refused === 1 ? "1 search was" : `${refused} searches were`} left out: too long, or more than an account can follow.`,
    );
  return sentences.join(" ");
}
