/**
 * Postgres' settings that the indexes of the search read: how many candidates a search for near vectors keeps, and the
 * least `word_similarity` that its operator finds. The embedded database has them throughout.
 */
export const searchSettings = { "hnsw.ef_search": 100, "pg_trgm.word_similarity_threshold": 0.5 } as const;
