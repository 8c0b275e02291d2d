import type { Session, SizedModel } from "./runtime.ts";

/**
 * A session for inputs of certain sizes, and for any others one that is loaded when a run first needs it.
 *
 * @param fits whether inputs are of those sizes
 */
export function sizedSession(
  session: Session,
  fits: SizedModel["fits"],
  loadForAnySize: () => Promise<Session>,
): Session {
  let forAnySize: Promise<Session> | undefined;
  return {
    async run(inputs) {
      if (fits(inputs)) return session.run(inputs);
      forAnySize ??= loadForAnySize();
      return (await forAnySize).run(inputs);
    },
    async release() {
      const other = await forAnySize?.catch(() => undefined);
      await Promise.all([session.release(), other?.release()]);
    },
  };
}
