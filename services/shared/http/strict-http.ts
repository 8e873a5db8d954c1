import type { RequestHandler } from 'express'
import { CutroomError } from '../errors.ts'

/**
 * Middleware that rejects what Node's parser lets through: requests of HTTP/0.9, and those with more than one Host header,
 * which a proxy may understand differently (RFC 9112, section 3.2).
 * @throws CutroomError `request.malformed`
 */
export const strictHttp: RequestHandler = ({ httpVersionMajor, rawHeaders }, _res, next) => {
  if (httpVersionMajor < 1) throw malformed('its version is older than 1.0')
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length > 1) throw malformed('it has more than one Host header')
  next()
}

const malformed = (why: string) =>
  new CutroomError('request.malformed', `The request is not valid HTTP/1.1: ${why}.`)
