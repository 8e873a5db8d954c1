import type { Config } from '#shared/config.ts'
import { chosenUrls, type Destination } from '#shared/contract/tasks/destination.ts'
import { CutroomError } from '#shared/errors.ts'
import { checkDestinationKey } from '#shared/tasks/destinations.ts'
import { listFieldErrors } from '../http/field-errors.ts'
import { recipientRejection } from './check-notify.ts'

/**
 * Checks that outputs could be sent to a destination: its URLs have to pass the checks of a source URL and use https, unless their
 * host is in `sources.allowHosts`. Batch checks the resolved addresses when it connects.
 * @throws CutroomError `destination.refused`, naming every refused field, or `destination.disabled`.
 */
export function checkDestination(
  destination: Destination | undefined,
  { sources, sealingKeys }: Pick<Config, 'sources' | 'sealingKeys'>,
): void {
  if (!destination) return
  const fields = chosenUrls(destination).flatMap(({ path, url }) => {
    const message = recipientRejection(new URL(url), sources.allowHosts)
    return message === undefined ? [] : [{ path: `destination.${path}`, message }]
  })
  if (fields.length > 0) {
    throw new CutroomError(
      'destination.refused',
      `The outputs cannot be sent there: ${listFieldErrors(fields)}. Use public https URLs.`,
      { fields },
    )
  }
  checkDestinationKey(destination, sealingKeys)
}
