/** So many events are read rather than searched. */
const FEW = 1000

/**
 * The number of an event up to which all are early, with at most about FEW early ones after it: a log of 100,000 events needs 20 probes
 * in place of 1,000 pages. Events after `after` are looked at. `probe(number)`: the number of the first event after `number` if that event
 * is early, otherwise undefined.
 */
export async function findStart(
  after: number,
  probe: (number: number) => Promise<number | undefined>,
): Promise<number> {
  let early = after
  let late: number | undefined
  for (let step = FEW; late === undefined; step *= 2) {
    const found = await probe(early + step)
    if (found === undefined) late = early + step
    else early = found
  }
  while (late - early > FEW) {
    const middle = Math.floor((early + late) / 2)
    const found = await probe(middle)
    if (found === undefined) late = middle
    else early = found
  }
  return early
}
