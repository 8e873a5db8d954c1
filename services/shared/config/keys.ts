/** The keys of a setting, the newest first, with a comma between them. */
export const keysOf = (text: string | undefined): string[] => (text ?? '').split(',').map((key) => key.trim())
