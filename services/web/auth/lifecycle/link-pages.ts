const page = (title: string, form: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
${form}
</html>
`

// The tokens have the characters of base64url alone. Nothing happens before the form is sent: mail servers open links as well.

/** The page behind the link of a verification: a form with one button. */
export const verifyPage = (token: string): string =>
  page(
    'Confirm your e-mail address',
    `<form method="post" action="/auth/verify">
<input type="hidden" name="token" value="${token}">
<button>Confirm</button>
</form>`,
  )

/** The page behind the link of a password reset. */
export const passwordResetPage = (token: string): string =>
  page(
    'Choose a new password',
    `<form method="post" action="/auth/password-reset/confirm">
<input type="hidden" name="token" value="${token}">
<p><label>New password <input type="password" name="new_password" autocomplete="new-password" required></label></p>
<button>Set password</button>
</form>`,
  )
