export function commitMessageIssue(message: string): string | undefined
