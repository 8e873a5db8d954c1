import { emailKey } from '#shared/accounts/account-keys.ts'
import type { PendingSignup } from '#shared/accounts/request-mail.ts'
import type { SignupRequest, User } from '#shared/contract/auth.ts'
import type { Database } from '#shared/database/database.ts'
import { CutroomError } from '#shared/errors.ts'
import { accountDeleted } from './account-deleted.ts'
import type { LoginThrottle } from './login-throttle.ts'
import { type PasswordPolicy, requireGoodPassword } from './password-policy/password-policy.ts'
import type { Passwords } from './passwords.ts'
import { usernameKey } from './usernames/username-key.ts'

/** `address` is the client's. */
export type Accounts = {
  /**
   * Creates an account, whose address nobody has verified.
   * @throws CutroomError `user.exists` when the e-mail address or a user name that looks like this one is taken,
   * `request.invalid` for a password that the policy refuses.
   */
  signUp(request: SignupRequest, address: string): Promise<User>
  /**
   * Checks a sign-up and hashes its password, without creating an account. Says nothing about the address, since whoever asks
   * may not own it.
   * @throws CutroomError `user.exists` when a user name that looks like this one is taken, `request.invalid` as `signUp`.
   */
  prepareSignUp(request: SignupRequest, address: string): Promise<PendingSignup>
  /**
   * The user with this e-mail address and password. A hash of an earlier version is replaced.
   * @throws CutroomError `auth.wrong_credentials`, the same for an unknown e-mail address and a wrong password;
   * `request.rate_limited` after too many of them.
   */
  logIn(email: string, password: string, address: string): Promise<AuthenticatedUser>
  /**
   * Asks for the password of a user who is logged in. Failures count as failed logins.
   * @throws CutroomError `auth.wrong_password` unless the user has this password; `request.rate_limited` as `logIn`.
   */
  requirePassword(userId: string, password: string, address: string): Promise<AuthenticatedUser>
  find(userId: string): Promise<User | undefined>
}

/** A user whose password was compared, and the hash that is stored of it: as long as that is stored, nobody has changed it. */
export type AuthenticatedUser = { userId: string; passwordHash: string }

type AccountsDeps = { passwords: Passwords; throttle: LoginThrottle; policy: PasswordPolicy }

export function createAccounts(
  { prisma, query }: Pick<Database, 'prisma' | 'query'>,
  { passwords, throttle, policy }: AccountsDeps,
): Accounts {
  async function toPending(
    { username, email, password }: SignupRequest,
    address: string,
  ): Promise<PendingSignup> {
    requireGoodPassword(policy, {
      password,
      owner: { username, email },
      operation: 'signup',
      field: 'password',
    })
    const passwordHash = await passwords.hash(password, address)
    return { username, usernameKey: usernameKey(username), email, emailKey: emailKey(email), passwordHash }
  }

  /**
   * Replaces a hash that was verified just now, and returns the one that is stored. If too many are waiting for bcrypt, the next
   * login does it.
   */
  async function upgradeHash(user: StoredPassword, password: string, address: string): Promise<string> {
    const newHash = await passwords.hash(password, address).catch((error: unknown) => {
      if (error instanceof CutroomError) return user.passwordHash
      throw error
    })
    const upgraded = await query(
      'UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id',
      [user.id, user.passwordHash, newHash],
    )
    if (upgraded.length > 0) return newHash
    // Another login has replaced it meanwhile, or the password has been changed.
    const [row] = await query<{ passwordHash: string }>(
      'SELECT password_hash AS "passwordHash" FROM users WHERE id = $1',
      [user.id],
    )
    if (!row || !(await passwords.matches(password, row.passwordHash, address, true)))
      throw wrongCredentials()
    return row.passwordHash
  }

  /** The user with this password, or undefined. Counts failures, and takes as long when there is no user. */
  const verified = <U extends StoredPassword>(
    key: string,
    { password, address }: { password: string; address: string },
    findUser: () => Promise<U | null>,
  ): Promise<U | undefined> =>
    throttle.run(key, address, {
      admit: (isKnown) => passwords.requireTurn(address, isKnown),
      async logIn(isKnown) {
        const user = await findUser()
        const isRight = await passwords.matches(password, user?.passwordHash, address, isKnown)
        return isRight ? (user ?? undefined) : undefined
      },
    })

  return {
    async signUp(request, address) {
      const { username, usernameKey, email, emailKey, passwordHash } = await toPending(request, address)
      // The unique indexes decide: a query beforehand would let two simultaneous signups pass. A violation would be an error
      // in Postgres' log, with the address; ON CONFLICT is none.
      const [user] = await query<UserRow>(
        `INSERT INTO users (username, username_key, email, email_key, password_hash) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING
         RETURNING id, username, email, email_verified_at AS "emailVerifiedAt", created_at AS "createdAt"`,
        [username, usernameKey, email, emailKey, passwordHash],
      )
      if (!user) throw userExists()
      return toUser(user)
    },

    async prepareSignUp(request, address) {
      const pending = await toPending(request, address)
      // An account that nobody has verified gives way to the owner of its address, who may want the same name.
      const taken = await query(
        'SELECT FROM users WHERE username_key = $1 AND NOT (email_key = $2 AND email_verified_at IS NULL)',
        [pending.usernameKey, pending.emailKey],
      )
      if (taken.length > 0) throw usernameTaken()
      return pending
    },

    async logIn(email, password, address) {
      const key = emailKey(email)
      const user = await verified(key, { password, address }, () =>
        prisma.user.findUnique({ where: { emailKey: key } }),
      )
      if (!user) throw wrongCredentials()
      const isOutdated = passwords.isOutdated(user.passwordHash)
      return {
        userId: user.id,
        passwordHash: isOutdated ? await upgradeHash(user, password, address) : user.passwordHash,
      }
    },

    async requirePassword(userId, password, address) {
      const user = await prisma.user.findUnique({ where: { id: userId, deletedAt: null } })
      if (!user) throw accountDeleted()
      if (!(await verified(user.emailKey, { password, address }, async () => user))) throw wrongPassword()
      return { userId, passwordHash: user.passwordHash }
    },

    async find(userId) {
      const user = await prisma.user.findUnique({ where: { id: userId, deletedAt: null } })
      return user ? toUser(user) : undefined
    },
  }
}

type StoredPassword = { id: string; passwordHash: string }

type UserRow = {
  id: string
  username: string
  email: string
  emailVerifiedAt: Date | null
  createdAt: Date
}

const toUser = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  email: row.email,
  email_verified: row.emailVerifiedAt !== null,
  created_at: row.createdAt.toISOString(),
})

export const userExists = (): CutroomError =>
  new CutroomError(
    'user.exists',
    'An account with this e-mail address, or with a user name that looks like this one, exists; log in, or choose another name.',
  )

const usernameTaken = () =>
  new CutroomError('user.exists', 'This user name, or one that looks like it, is taken; choose another name.')

export const wrongCredentials = (): CutroomError =>
  new CutroomError('auth.wrong_credentials', 'No account has this e-mail address and password.')

export const wrongPassword = (): CutroomError =>
  new CutroomError('auth.wrong_password', 'This is not the password of the account.')
