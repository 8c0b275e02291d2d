import { asEarlierRun, hasFindings, type StoredRun } from "./run.ts";

/** What IndexedDB keeps: what each run measured, apart from its whole report, and how far runs cut short have come. */
export type StoreName = "runs" | "reports" | "checkpoints";

/** The browser has no room for more, or was told to keep nothing. */
export class StorageError extends Error {
  override name = "StorageError";
  /** True when there is no room. */
  readonly full: boolean;
  constructor(message: string, full: boolean, options?: ErrorOptions) {
    super(message, options);
    this.full = full;
  }
}

const NAME = "gradus";
/** 1 kept runs without their findings. */
const VERSION = 2;

function storageError(cause: unknown): StorageError {
  const full = cause instanceof DOMException && cause.name === "QuotaExceededError";
  const reason = cause instanceof Error ? cause.message : String(cause);
  return full
    ? new StorageError("the browser's storage is full", true, { cause })
    : new StorageError(`this browser cannot store runs (${reason})`, false, { cause });
}

/** The result of a request. */
export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storageError(request.error));
  });
}

/** Runs without findings stay in the list; nothing else of them can be shown. */
function keepAsEarlier(upgrade: IDBTransaction): void {
  const request = upgrade.objectStore("runs").openCursor();
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    const run: StoredRun = cursor.value;
    if (!hasFindings(run)) {
      cursor.update(asEarlierRun(run));
      upgrade.objectStore("reports").delete(run.id);
    }
    cursor.continue();
  };
}

let opened: Promise<IDBDatabase> | undefined;

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      const { result: database, transaction: upgrade } = request;
      if (oldVersion > 0) {
        if (upgrade) keepAsEarlier(upgrade);
        return;
      }
      database.createObjectStore("runs", { keyPath: "id" }).createIndex("paper", "paper");
      database.createObjectStore("reports", { keyPath: "id" });
      database.createObjectStore("checkpoints", { keyPath: ["paper", "experiment"] });
    };
    request.onsuccess = () => {
      const { result: database } = request;
      // Another tab has a newer version of the site: it must not wait for this one.
      database.onversionchange = () => {
        database.close();
        opened = undefined;
      };
      database.onclose = () => {
        opened = undefined;
      };
      resolve(database);
    };
    request.onerror = () => reject(storageError(request.error));
  });
}

/**
 * Runs `body` in one transaction over some stores and resolves to its result when all of it is written.
 *
 * @throws StorageError when the browser has no room or keeps nothing
 */
export async function transaction<T>(
  stores: readonly StoreName[],
  mode: IDBTransactionMode,
  body: (store: (name: StoreName) => IDBObjectStore) => Promise<T>,
): Promise<T> {
  if (typeof indexedDB === "undefined") throw new StorageError("this browser cannot store runs", false);
  opened ??= openDatabase();
  let database: IDBDatabase;
  try {
    database = await opened;
  } catch (error) {
    opened = undefined;
    throw error;
  }
  const tx = database.transaction([...stores], mode);
  const done = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(storageError(tx.error));
  });
  try {
    const [value] = await Promise.all([body((name) => tx.objectStore(name)), done]);
    return value;
  } catch (error) {
    done.catch(() => {});
    // What fails at once, and not in a request, leaves the transaction open.
    if (error instanceof DOMException) tx.abort();
    throw error instanceof StorageError ? error : storageError(error);
  }
}
