import type { SignupRequest, User } from '#shared/contract/auth.ts'
import type { Database } from '#shared/database/database.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Passwords } from './passwords.ts'

export type Accounts = {
  /** Throws `user.exists`. */
  signUp(request: SignupRequest): Promise<User>
  /** The id of the user with this e-mail and password. Throws `auth.wrong_credentials` for either. */
  logIn(email: string, password: string): Promise<string>
  find(userId: string): Promise<User | undefined>
}

/** Two spellings that a person takes for the same name are the same name. */
const foldName = (name: string) => name.normalize('NFKC').toLowerCase()
const foldEmail = (email: string) => email.normalize('NFC').toLowerCase()

export function createAccounts({ prisma }: Database, passwords: Passwords): Accounts {
  return {
    async signUp({ username, email, password }) {
      const passwordHash = await passwords.hash(password)
      const data = {
        username,
        usernameKey: foldName(username),
        email,
        emailKey: foldEmail(email),
        passwordHash,
      }
      // The unique index decides, not a look beforehand: two signups can come at the same time.
      return prisma.user.create({ data }).then(describeUser, (error) => {
        throw isTaken(error) ? taken() : error
      })
    },

    async logIn(email, password) {
      const user = await prisma.user.findUnique({ where: { emailKey: foldEmail(email) } })
      if (!(await passwords.matches(password, user?.passwordHash)) || !user) throw wrongCredentials()
      return user.id
    },

    async find(userId) {
      const user = await prisma.user.findUnique({ where: { id: userId } })
      return user ? describeUser(user) : undefined
    },
  }
}

const describeUser = (row: { id: string; username: string; email: string; createdAt: Date }): User => ({
  id: row.id,
  username: row.username,
  email: row.email,
  created_at: row.createdAt.toISOString(),
})

/** Prisma's code for a unique index that refused a row. */
const isTaken = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'P2002'

const taken = () =>
  new CutroomError('user.exists', 'An account with this user name or e-mail exists; log in instead.')
const wrongCredentials = () =>
  new CutroomError('auth.wrong_credentials', 'There is no account with this e-mail and password.')
