/**
 * Reads Terraform files, as far as checking them needs: blocks, arguments, and expressions as text. Nothing is
 * evaluated. https://developer.hashicorp.com/terraform/language/syntax/configuration
 */

/** An expression: as written, and as `code`, in which the words of strings are blanks and templates are not. */
export type Expression = { text: string; code: string; line: number }
export type HclBlock = { type: string; labels: string[]; body: HclBody; line: number }
export type HclBody = { attributes: Map<string, Expression>; blocks: HclBlock[] }

/** The content of one file. Throws a SyntaxError that names file and line. */
export function readHcl(text: string, file: string): HclBody {
  const reader = { text, code: withoutWords(text, file), at: 0, file }
  const body = readBody(reader, false)
  return body
}

type Reader = { text: string; code: string; at: number; file: string }

function readBody(reader: Reader, inBlock: boolean): HclBody {
  const body: HclBody = { attributes: new Map(), blocks: [] }
  for (;;) {
    skip(reader, /\s*/y)
    if (reader.at >= reader.code.length) {
      if (inBlock) throw fault(reader, 'a block is not closed')
      return body
    }
    if (skip(reader, /\}/y)) {
      if (!inBlock) throw fault(reader, 'a } too many')
      return body
    }
    const line = lineAt(reader)
    const name = skip(reader, /[A-Za-z_][\w-]*/y) ?? fail(reader, 'a name was expected')
    if (skip(reader, /[ \t]*=(?!=)/y)) {
      if (body.attributes.has(name)) throw fault(reader, `${name} is given twice`)
      body.attributes.set(name, readExpression(reader, line))
    } else body.blocks.push({ type: name, labels: readLabels(reader), body: readBody(reader, true), line })
  }
}

function readLabels(reader: Reader): string[] {
  const labels: string[] = []
  for (;;) {
    skip(reader, /[ \t]*/y)
    if (skip(reader, /\{/y)) return labels
    const from = reader.at
    if (!skip(reader, /"[^"\n]*"|[A-Za-z_][\w-]*/y)) throw fault(reader, 'a label or { was expected')
    labels.push(reader.text.slice(from, reader.at).replaceAll('"', ''))
  }
}

/** Up to the end of the line, or of the line on which the last bracket closes. */
function readExpression(reader: Reader, line: number): Expression {
  const from = reader.at
  let depth = 0
  for (; reader.at < reader.code.length; reader.at++) {
    const sign = reader.code[reader.at] as string
    if ('([{'.includes(sign)) depth++
    if (depth === 0 && (sign === '\n' || sign === '}')) break
    if (')]}'.includes(sign)) depth--
  }
  if (depth !== 0) throw fault(reader, 'a bracket is not closed')
  const [text, code] = [reader.text.slice(from, reader.at).trim(), reader.code.slice(from, reader.at).trim()]
  if (text === '') throw fault(reader, 'a value was expected')
  return { text, code, line }
}

/** The same text, as long, with comments and the words of strings blanked and the templates in them kept. */
function withoutWords(text: string, file: string): string {
  const out = [...text]
  const blank = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (out[at] !== '\n') out[at] = ' '
  }
  const stack: ('"' | '${')[] = []
  for (let at = 0; at < text.length; ) {
    const rest = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = at
      return pattern.exec(text)?.[0]
    }
    const inString = stack.at(-1) === '"'
    if (inString) {
      const plain = rest(/(?:\\.|\$\$\{|[^"\\$\n]|\$(?!\{))+/y)
      if (plain) {
        blank(at, at + plain.length)
        at += plain.length
      } else if (text.startsWith('${', at)) {
        stack.push('${')
        out[at] = ' '
        out[at + 1] = '('
        at += 2
      } else if (text[at] === '"') {
        stack.pop()
        at++
      } else throw new SyntaxError(`${file}: a string is not closed: ${text.slice(at - 30, at)}`)
      continue
    }
    const comment = rest(/#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//y)
    const heredoc = rest(/<<-?(\w+)\n[\s\S]*?\n[ \t]*\1(?=\n|$)/y)
    if (comment) {
      blank(at, at + comment.length)
      at += comment.length
    } else if (heredoc) {
      blankHeredoc(heredoc, at, out, blank)
      at += heredoc.length
    } else {
      if (text[at] === '"') stack.push('"')
      if (text[at] === '{' && stack.length > 0) stack.push('${')
      if (text[at] === '}' && stack.at(-1) === '${') {
        stack.pop()
        if (stack.at(-1) === '"') out[at] = ')'
      }
      at++
    }
  }
  return out.join('')
}

/** Everything but the templates. A heredoc in these files holds no template with braces of its own. */
function blankHeredoc(heredoc: string, at: number, out: string[], blank: (from: number, to: number) => void) {
  let from = 0
  for (const template of heredoc.matchAll(/\$\{([^{}]*)\}/g)) {
    blank(at + from, at + template.index)
    from = template.index + template[0].length
    out[at + template.index] = ' '
    out[at + template.index + 1] = '('
    out[at + from - 1] = ')'
  }
  blank(at + from, at + heredoc.length)
  // Lines belong to one expression: brackets around them keep it together.
  out[at] = '('
  out[at + heredoc.length - 1] = ')'
}

function skip(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.code)?.[0]
  if (found !== undefined) reader.at += found.length
  return found
}

const lineAt = ({ text, at }: Reader): number => text.slice(0, at).split('\n').length

const fault = (reader: Reader, what: string): SyntaxError =>
  new SyntaxError(`${reader.file}:${lineAt(reader)}: ${what}`)

function fail(reader: Reader, what: string): never {
  throw fault(reader, what)
}
