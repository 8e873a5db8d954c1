import { isNativeError } from 'node:util/types'

const usual = Function.prototype[Symbol.hasInstance]

// Jest runs tests in a realm of their own, where an error of Node's core is no `instanceof Error`: code that asks
// would answer otherwise than in production. See https://github.com/jestjs/jest/issues/2549
Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(this: unknown, value: unknown) {
    return usual.call(this as () => void, value) || (this === Error && isNativeError(value))
  },
})
