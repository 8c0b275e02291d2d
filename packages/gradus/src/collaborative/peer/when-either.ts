/**
 * Waits until a condition holds or the time is up; the condition is checked again at every change.
 *
 * @returns whether the condition held in time
 * @throws the signal's reason when it is aborted first
 */
export function whenEither(
  condition: () => boolean,
  onChange: (listener: () => void) => void,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  if (condition()) return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(milliseconds) ? setTimeout(() => end(false), milliseconds) : undefined;
    const stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      onChange(() => {});
    };
    const end = (inTime: boolean) => {
      stop();
      resolve(inTime);
    };
    const abort = () => {
      stop();
      reject(signal?.reason);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    onChange(() => {
      if (condition()) end(true);
    });
  });
}
