import type { SignupRequest, User } from '#shared/contract/auth.ts'
import type { Database } from '#shared/database/database.ts'
import { CutroomError } from '#shared/errors.ts'
import type { LoginThrottle } from './login-throttle.ts'
import type { Passwords } from './passwords.ts'

export type Accounts = {
  /**
   * `address` is the client's.
   * @throws CutroomError `user.exists` when the user name or the e-mail address is taken.
   */
  signUp(request: SignupRequest, address: string): Promise<User>
  /**
   * The id of the user with this e-mail address and password. `address` is the client's.
   * @throws CutroomError `auth.wrong_credentials`, the same for an unknown e-mail address and a wrong password;
   * `request.rate_limited` after too many of them.
   */
  logIn(email: string, password: string, address: string): Promise<string>
  find(userId: string): Promise<User | undefined>
}

/** Names that a person would read as the same name get the same key; a unique index on the keys keeps them apart. */
const usernameKey = (name: string) => name.normalize('NFKC').toLowerCase()
/** The key by which an account is found: addresses that differ in case alone are the same. */
export const emailKey = (email: string) => email.normalize('NFC').toLowerCase()

export function createAccounts(
  { prisma }: Database,
  passwords: Passwords,
  throttle: LoginThrottle,
): Accounts {
  return {
    async signUp({ username, email, password }, address) {
      const data = {
        username,
        usernameKey: usernameKey(username),
        email,
        emailKey: emailKey(email),
        passwordHash: await passwords.hash(password, address),
      }
      // The unique index decides: a query beforehand would let two simultaneous signups pass.
      return prisma.user.create({ data }).then(toUser, (error) => {
        throw isUniqueViolation(error) ? userExists() : error
      })
    },

    async logIn(email, password, address) {
      const key = emailKey(email)
      const userId = await throttle.run(key, address, async () => {
        const user = await prisma.user.findUnique({ where: { emailKey: key } })
        return (await passwords.matches(password, user?.passwordHash, address)) ? user?.id : undefined
      })
      if (userId === undefined) throw wrongCredentials()
      return userId
    },

    async find(userId) {
      const user = await prisma.user.findUnique({ where: { id: userId } })
      return user ? toUser(user) : undefined
    },
  }
}

const toUser = (row: { id: string; username: string; email: string; createdAt: Date }): User => ({
  id: row.id,
  username: row.username,
  email: row.email,
  created_at: row.createdAt.toISOString(),
})

/** https://www.prisma.io/docs/orm/reference/error-reference#p2002 */
const isUniqueViolation = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'P2002'

const userExists = () =>
  new CutroomError(
    'user.exists',
    'An account with this user name or e-mail address exists; log in, or choose another name.',
  )

const wrongCredentials = () =>
  new CutroomError('auth.wrong_credentials', 'No account has this e-mail address and password.')
