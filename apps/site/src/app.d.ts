declare global {
  namespace App {
    interface Error {
      /** Names the failure in the log, so that a reader can report it. */
      reference?: string;
    }
  }
}

export {};
