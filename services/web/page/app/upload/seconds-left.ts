/** Seconds until an upload is complete, at a speed in bytes per second; undefined while that is not known. */
export const secondsLeft = (sent: number, size: number, speed: number | undefined): number | undefined =>
  speed ? (size - sent) / speed : undefined
