/** `<type> required|optional|computed`, the type as Terraform writes it: `list(string) optional`. */
export type AttributeText = string

/** What a block may hold. `list1` is a list of at most one; `single` is the block of time-outs. */
export type Block = { attributes: Record<string, AttributeText>; blocks: Record<string, NestedBlock> }
export type NestedBlock = Block & { nesting: 'list' | 'list1' | 'set' | 'single'; required?: boolean }

/** The part of a provider's schema that terraform/ uses, kept in terraform/schema/. */
export type ProviderSchema = {
  source: string
  version: string
  provider: Block
  resources: Record<string, Block>
  data: Record<string, Block>
}
