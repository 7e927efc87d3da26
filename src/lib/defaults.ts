// What a user has who sets nothing: read by the configuration, named in the tools' descriptions.

/** Folder of files that are written and imported, in the user's home. */
export const EXPORT_FOLDER = 'openfunnel-exports';

/** Credits above which a submit needs the user's yes. */
export const DEFAULT_CONFIRM_ABOVE = 500;
