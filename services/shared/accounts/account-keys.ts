/** Addresses that differ in case or composition are the same; a unique index on the keys keeps them apart. */
export const emailKey = (email: string): string => email.normalize('NFC').toLowerCase()
