import { isNativeError } from 'node:util/types'

const hasInstance = Function.prototype[Symbol.hasInstance]

// Jest runs tests in a realm of their own, where errors from Node's core are not instances of Error; code that checks
// `instanceof Error` would behave differently than in production. See https://github.com/jestjs/jest/issues/2549
Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(this: unknown, value: unknown) {
    return hasInstance.call(this as () => void, value) || (this === Error && isNativeError(value))
  },
})
