/** The package has no types. These are the parts that are used here. */
declare module 'openapi-to-postmanv2' {
  type Conversion = { result: boolean; reason?: string; output?: { type: string; data: unknown }[] }
  export function convertV2(
    source: { type: 'json'; data: object },
    options: Record<string, string | boolean>,
    done: (error: Error | null, conversion: Conversion) => void,
  ): void
}
