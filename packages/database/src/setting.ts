/** The setting that names the folder. */
export const SETTING = "GRADUS_DATABASE_DIR";
