/** The header that confirms `Prefer: respond-async`, which every create honours: https://www.rfc-editor.org/rfc/rfc7240 */
export const appliedPreference = (prefer: string | undefined): Record<string, string> =>
  /(^|,)\s*respond-async\s*(;|,|$)/i.test(prefer ?? '') ? { 'Preference-Applied': 'respond-async' } : {}
