import express, { type NextFunction, type Request, type RequestHandler } from 'express'
import type { Operation } from '#shared/contract/operations.ts'
import { CutroomError } from '#shared/errors.ts'

const MAX_JSON_BYTES = 256 * 1024
const parseJson = express.json({ limit: MAX_JSON_BYTES, type: () => true })
const parseForm = express.urlencoded({ limit: MAX_JSON_BYTES, extended: false, parameterLimit: 100 })

/** True when the operation accepts a multipart form and the request carries one. */
export const isMultipart = ({ form }: Operation, req: Request): boolean =>
  form !== undefined && Boolean(req.is('multipart/form-data'))

/**
 * Middleware that parses an operation's JSON body into `req.body`. A missing body counts as an empty object; a
 * multipart form is left to the handler. `acceptsForm` admits HTML forms without files.
 * @throws CutroomError `request.unsupported_type` for any other content type, `request.too_large` above 256 KiB,
 * announced or not.
 */
export function jsonBody(operation: Operation): RequestHandler {
  return (req, res, next) => {
    if (isMultipart(operation, req)) return next()
    const isEmpty = req.is('*/*') === null || req.get('Content-Length') === '0'
    const isForm = operation.acceptsForm && Boolean(req.is('application/x-www-form-urlencoded'))
    if (!isEmpty && !isForm && !req.is('application/json')) throw unsupportedType(req, operation)
    if (Number(req.get('Content-Length')) > MAX_JSON_BYTES) throw tooLarge(operation)
    const parse = isForm ? parseForm : parseJson
    parse(req, res, failEarly(req, tooLarge(operation), next))
  }
}

/**
 * Calls `next` with `error` as soon as the body exceeds the limit. Express itself reports an oversized body only
 * after reading all of it, so a body without an end would never be refused.
 */
function failEarly(req: Request, error: CutroomError, next: NextFunction): NextFunction {
  let bytes = 0
  let failed = false
  req.on('data', ({ length }: Buffer) => {
    bytes += length
    if (failed || bytes <= MAX_JSON_BYTES) return
    failed = true
    next(error)
  })
  return (parseError?: unknown) => {
    if (!failed) next(parseError)
  }
}

const tooLarge = ({ id }: Operation) =>
  new CutroomError('request.too_large', `The JSON body of ${id} is larger than ${MAX_JSON_BYTES} bytes.`)

function unsupportedType(req: Request, { id, form }: Operation): CutroomError {
  const accepted = form ? 'application/json or multipart/form-data' : 'application/json'
  const actual = req.get('Content-Type') ?? 'a body without a Content-Type'
  return new CutroomError('request.unsupported_type', `${id} accepts ${accepted}, not ${actual}.`)
}
